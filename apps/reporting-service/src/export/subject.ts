import type { CampaignRow } from '../projections/campaign.queries.js';
import type { SealRow } from '../projections/intake-seal.queries.js';
import type { ReportOrder } from './report-order.js';

/** What everything in a report is about. */
export interface Subject {
  readonly order: ReportOrder;
  readonly campaign: CampaignRow;
  readonly zone: string;
  /** Of a closing report, matched by the snapshot; an interim report has none. */
  readonly seal: SealRow | undefined;
}
