import type { Language } from '@cahier/contracts';
import { canonicalEmail, serviceNow } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { campaignCopy } from '../campaigns/campaign-copies.js';
import { CONFIG, type Config } from '../config.js';
import { linkToken } from '../mails/links.js';
import { tell } from '../mailings/launch-mailing.js';
import { CampaignUnknown } from './subscription.errors.js';
import { SUBSCRIBER_KINDS } from './subscription.entity.js';

/** Confirmation mails that one address may be sent in a day, whoever asks: nobody is bombed through us. */
const CONFIRMATIONS_PER_DAY = 5;
/** Of these, for one campaign. */
const CONFIRMATIONS_PER_CAMPAIGN = 2;

/** Asks an address to confirm that it wants news of a campaign. What the caller learns never depends on the address. */
@Injectable()
export class RequestSubscription {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** @throws CampaignUnknown. */
  async execute(input: { email: string; language: Language; campaignId: string }): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await campaignCopy(tx, input.campaignId);
      if (!campaign || !['scheduled', 'open', 'suspended'].includes(campaign.state)) throw new CampaignUnknown();
      const at = await serviceNow(tx);
      const recipient = canonicalEmail(input.email);
      const [subscription] = await tx.query<{ subscription_id: string; state: string }[]>(
        `INSERT INTO subscription AS known (subscription_id, campaign_id, recipient, address, language, state, kinds, consent_at)
         VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7)
         ON CONFLICT (campaign_id, recipient) DO UPDATE SET
           state = CASE WHEN known.state = 'unsubscribed' THEN 'pending' ELSE known.state END,
           consent_at = CASE WHEN known.state = 'confirmed' THEN known.consent_at ELSE excluded.consent_at END
         RETURNING subscription_id, state`,
        [randomUUID(), input.campaignId, recipient, input.email, input.language, JSON.stringify(SUBSCRIBER_KINDS), at],
      );
      if (subscription!.state === 'confirmed' || !(await mayAsk(tx, recipient, subscription!.subscription_id, at))) return;
      const confirmUrl = `${this.config.PUBLIC_URL}/confirm?token=${linkToken(this.config.LINK_KEYS, 'confirm', subscription!.subscription_id)}`;
      await tell(tx, 'confirmation', input.campaignId, randomUUID(), [{ address: input.email, language: input.language, subscriptionId: subscription!.subscription_id, content: { confirmUrl } }], at);
    });
  }
}

async function mayAsk(tx: EntityManager, recipient: string, subscriptionId: string, at: Date): Promise<boolean> {
  // Two requests at once for one address wait for each other.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7))', [recipient]);
  const [asked] = await tx.query<{ all: number; here: number }[]>(
    `SELECT count(*)::integer AS all, count(*) FILTER (WHERE subscription_id = $2)::integer AS here
     FROM dispatch JOIN mailing USING (mailing_id) WHERE dispatch.kind = 'confirmation' AND recipient = $1 AND dispatch.created_at > $3::timestamptz - interval '1 day'`,
    [recipient, subscriptionId, at],
  );
  return asked!.all < CONFIRMATIONS_PER_DAY && asked!.here < CONFIRMATIONS_PER_CAMPAIGN;
}
