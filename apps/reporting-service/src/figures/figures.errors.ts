import { DomainError } from '@cahier/platform';

/** Also where the caller may not know whether there is one. */
export class CampaignUnknown extends DomainError {
  readonly code = 'campaign.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Campagne inconnue', en: 'Unknown campaign' };
}

/** There is nothing to count by day without a window. */
export class CampaignNotScheduled extends DomainError {
  readonly code = 'campaign.not-scheduled';
  readonly kind = 'conflict';
  readonly title = { fr: 'La campagne n’a pas de dates', en: 'The campaign has no dates' };
}
