import { serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findCampaign, type Query } from '../projections/campaign.queries.js';
import { countFigures } from './count-figures.js';
import { CampaignUnknown, CampaignNotScheduled } from './figures.errors.js';
import type { Figures } from './figures.dto.js';

@Injectable()
export class FiguresQueries {
  private readonly query: Query = (sql, parameters) => this.db.query(sql, [...parameters]);

  constructor(private readonly db: DataSource) {}

  /**
   * @param bodies steering bodies whose campaigns the caller sees; null for all.
   * @param cutoff now when absent.
   * @throws CampaignUnknown, also for a campaign that the caller may not see; CampaignNotScheduled.
   */
  async of(campaignId: string, bodies: readonly string[] | null, cutoff?: Date): Promise<Figures> {
    const campaign = await findCampaign(this.query, campaignId);
    if (!campaign || (bodies !== null && !campaign.body_codes.some((code) => bodies.includes(code)))) throw new CampaignUnknown({ fr: 'Aucune campagne de cet identifiant.', en: 'No campaign has this id.' });
    if (campaign.zone === null) throw new CampaignNotScheduled({ fr: 'Fixez d’abord ses dates.', en: 'Fix its dates first.' });
    return countFigures(this.query, { campaignId, cutoff: cutoff ?? (await serviceNow(this.db)), opensAt: campaign.opens_at, closesAt: campaign.closes_at, zone: campaign.zone });
  }
}
