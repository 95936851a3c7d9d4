import { DomainError } from '@cahier/platform';

export class CampaignUnknown extends DomainError {
  readonly code = 'campaign.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Campagne inconnue', en: 'Unknown campaign' };

  constructor() {
    super({ fr: 'Aucune campagne à venir ou ouverte ne porte cet identifiant.', en: 'No forthcoming or open campaign has this id.' });
  }
}
