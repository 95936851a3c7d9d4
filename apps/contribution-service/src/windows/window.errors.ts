import { DomainError } from '@cahier/platform';

/** No campaign of this id is public. Nothing is said about drafts. */
export class CampaignUnknown extends DomainError {
  readonly code = 'campaign.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Campagne inconnue', en: 'Unknown campaign' };

  constructor() {
    super({ fr: 'Aucune campagne publiée n’a cet identifiant.', en: 'No published campaign has this id.' });
  }
}
