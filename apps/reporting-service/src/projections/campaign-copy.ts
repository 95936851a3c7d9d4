import type { Bilingual, CampaignFacts } from '@cahier/contracts';

/** What a report says about its campaign: the column `facts`. */
export type CampaignCopy = Pick<CampaignFacts, 'programme' | 'edition' | 'title' | 'presentation' | 'kind' | 'window' | 'audiences' | 'rules'> & {
  readonly steeringBodies: readonly { readonly bodyId: string; readonly code: string; readonly name: Bilingual }[];
};
