import { recordStaffAction, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CampaignNotScheduled, CampaignUnknown } from '../figures/figures.errors.js';
import { findCampaign } from '../projections/campaign.queries.js';
import { nextIdentity } from './report-number.js';
import { Report } from './report.entity.js';
import { CutoffInFuture } from './report.errors.js';

export interface InterimOrder {
  readonly campaignId: string;
  /** Now when absent. */
  readonly cutoff: Date | undefined;
  /** Subject of the member of staff. */
  readonly by: string;
  /** Steering bodies whose campaigns the caller sees; null for all. */
  readonly bodies: readonly string[] | null;
}

/** A report at any moment, on what is known then; marked *provisoire*, since the intake is not sealed at its cut-off. */
@Injectable()
export class OrderInterimReport {
  constructor(private readonly db: DataSource) {}

  /**
   * @returns the new report's id; the files come later.
   * @throws CampaignUnknown, CampaignNotScheduled, CutoffInFuture.
   */
  async execute({ campaignId, cutoff, by, bodies }: InterimOrder): Promise<string> {
    return this.db.transaction(async (tx) => {
      const campaign = await findCampaign((sql, parameters) => tx.query(sql, [...parameters]), campaignId);
      if (!campaign || (bodies !== null && !campaign.body_codes.some((code) => bodies.includes(code)))) throw new CampaignUnknown({ fr: 'Aucune campagne de cet identifiant.', en: 'No campaign has this id.' });
      if (campaign.zone === null) throw new CampaignNotScheduled({ fr: 'Fixez d’abord ses dates.', en: 'Fix its dates first.' });
      const at = await serviceNow(tx);
      if (cutoff !== undefined && cutoff > at) throw new CutoffInFuture({ fr: 'Choisissez un instant passé.', en: 'Choose an instant in the past.' });
      const report = Report.interim(await nextIdentity(tx, campaignId, 'interim', at), cutoff ?? at, by, at);
      await tx.insert(Report, report);
      await recordStaffAction(tx, { subject: by }, { action: 'report.order', targetId: report.id, campaignId });
      return report.id;
    });
  }
}
