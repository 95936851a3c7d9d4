import { campaignState, instant } from '@cahier/contracts';
import { z } from 'zod';

/** Ids are compared as text here and there: one spelling. */
export const id = z.uuid().toLowerCase();

export const campaignParams = z.object({ campaignId: id });
export type CampaignParams = z.infer<typeof campaignParams>;

/** When a campaign accepts contributions, and what time it is for it. */
export const windowView = z.object({
  /** At `now`. */
  state: campaignState,
  opensAt: instant,
  /** The first instant at which a contribution is late. */
  closesAt: instant,
  /** The clock that decides. */
  now: instant,
}).meta({ id: 'Window' });
export type WindowView = z.infer<typeof windowView>;
