import type { Bilingual, Language } from '@cahier/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { LinkInvalid, type LinkPurpose, readLinkToken } from '../mails/links.js';

export interface SubscriptionView {
  readonly title: Bilingual;
  readonly language: Language;
  readonly state: 'pending' | 'confirmed' | 'unsubscribed';
  readonly kinds: readonly string[];
}

@Injectable()
export class SubscriptionQueries {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** What a link is about; never the address. @throws LinkInvalid. */
  async byToken(purpose: LinkPurpose, token: string): Promise<SubscriptionView> {
    const [subscription] = await this.db.query<SubscriptionView[]>(
      `SELECT c.facts -> 'title' AS title, s.language, s.state, s.kinds FROM subscription AS s JOIN campaign_copy AS c USING (campaign_id) WHERE s.subscription_id = $1`,
      [readLinkToken(this.config.LINK_KEYS, purpose, token)],
    );
    if (!subscription) throw new LinkInvalid();
    return subscription;
  }
}
