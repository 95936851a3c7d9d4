import type { Bilingual, CampaignFacts, DataOf, EventContract, Language } from '@cahier/contracts';
import { appendToOutbox } from '@cahier/messaging';
import { createSealer } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { Campaign } from './campaign.entity.js';

interface Surroundings {
  readonly programme_id: string;
  readonly programme_title: Bilingual;
  readonly year: number;
  readonly label: Bilingual;
  readonly bodies: readonly { bodyId: string; code: string; name: Bilingual; members: readonly { memberId: string; name: string; email: string; language: Language }[] }[];
}

/** Says what becomes of campaigns: the whole campaign as it now is, with its members' addresses sealed for notification-service. */
@Injectable()
export class CampaignEvents {
  private readonly seal: ReturnType<typeof createSealer>;

  constructor(@Inject(CONFIG) config: Config) {
    this.seal = createSealer(config.CONTACT_SEALING_PUBLIC_JWK);
  }

  /** In the transaction that changed `campaign`, whose row is locked; saves the campaign with its new event version. */
  async say<C extends EventContract>(tx: EntityManager, contract: C, campaign: Campaign, at: Date, more: Omit<DataOf<C>, keyof CampaignFacts>): Promise<void> {
    const facts = await this.factsOf(tx, campaign);
    campaign.eventVersion++;
    await tx.save(Campaign, campaign);
    await appendToOutbox(tx, contract, { ...facts, ...more } as DataOf<C>, campaign.eventVersion, at);
  }

  private async factsOf(tx: EntityManager, campaign: Campaign): Promise<CampaignFacts> {
    const { programme_id: programmeId, programme_title, year, label, bodies } = await surroundings(tx, campaign);
    const { campaignId, editionId, title, presentation, rules, kind, state, audiences, zone, opensAtLocal, closesAtLocal, opensAt, closesAt } = campaign;
    if (!presentation || !rules) throw new Error(`Campaign ${campaignId} left its draft incomplete`);
    return {
      campaignId,
      programme: { programmeId, title: programme_title },
      edition: { editionId, year, label },
      title, presentation, kind, state, rules,
      ...(opensAt && closesAt && zone && opensAtLocal && closesAtLocal && { window: { zone, opensAtLocal, closesAtLocal, opensAt: opensAt.toISOString(), closesAt: closesAt.toISOString() } }),
      audiences: [...audiences],
      steeringBodies: await Promise.all(bodies.map(async ({ members, ...body }) => ({
        ...body,
        members: await Promise.all(members.map(async ({ memberId, ...contact }) => ({ memberId, sealedContact: await this.seal(contact) }))),
      }))),
    };
  }
}

async function surroundings(tx: EntityManager, campaign: Campaign): Promise<Surroundings> {
  const [row] = await tx.query<Surroundings[]>(
    `SELECT p.programme_id, p.title AS programme_title, e.year, e.label,
            coalesce((SELECT jsonb_agg(jsonb_build_object('bodyId', b.steering_body_id, 'code', b.code, 'name', b.name, 'members',
                        coalesce((SELECT jsonb_agg(jsonb_build_object('memberId', m.member_id, 'name', m.name, 'email', m.email, 'language', m.language) ORDER BY m.member_id)
                                  FROM member AS m WHERE m.steering_body_id = b.steering_body_id), '[]')) ORDER BY b.code)
                      FROM campaign_steering_body AS cb JOIN steering_body AS b USING (steering_body_id) WHERE cb.campaign_id = $1), '[]') AS bodies
     FROM edition AS e JOIN programme AS p USING (programme_id) WHERE e.edition_id = $2`,
    [campaign.campaignId, campaign.editionId],
  );
  return row!;
}
