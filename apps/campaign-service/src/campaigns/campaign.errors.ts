import { DomainError } from '@cahier/platform';

export class CampaignUnknown extends DomainError {
  readonly code = 'campaign.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Campagne inconnue', en: 'Unknown campaign' };

  constructor() {
    super({ fr: 'Aucune campagne ne porte cet identifiant.', en: 'No campaign has this id.' });
  }
}

export class ActionNotPossible extends DomainError {
  readonly code = 'campaign.action-not-possible';
  readonly kind = 'conflict';
  readonly title = { fr: 'Action impossible dans cet état', en: 'Not possible in this state' };
}

export class CampaignIncomplete extends DomainError {
  readonly code = 'campaign.incomplete';
  readonly kind = 'invalid';
  readonly title = { fr: 'La campagne n’est pas prête', en: 'The campaign is not ready' };
}

export class LocalTimeInvalid extends DomainError {
  readonly code = 'campaign.local-time-invalid';
  readonly kind = 'invalid';
  readonly title = { fr: 'Heure locale non valable', en: 'Local time not valid' };
}

/** Members `earlier` and `later`: both instants, UTC. */
export class LocalTimeAmbiguous extends DomainError {
  readonly code = 'campaign.local-time-ambiguous';
  readonly kind = 'invalid';
  readonly title = { fr: 'Heure locale ambiguë', en: 'Ambiguous local time' };
}

export class DatesRefused extends DomainError {
  readonly code = 'campaign.dates-refused';
  readonly kind = 'invalid';
  readonly title = { fr: 'Dates refusées', en: 'Dates refused' };
}

/** A change of window that nobody could hear in time is not made. */
export class ChangeNotHeard extends DomainError {
  readonly code = 'campaign.change-not-heard';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Changement impossible pour le moment', en: 'Change not possible for the moment' };
}

export class EditionUnknown extends DomainError {
  readonly code = 'campaign.edition-unknown';
  readonly kind = 'invalid';
  readonly title = { fr: 'Édition inconnue', en: 'Unknown edition' };
}

export class SteeringBodyUnknown extends DomainError {
  readonly code = 'campaign.steering-body-unknown';
  readonly kind = 'invalid';
  readonly title = { fr: 'Instance de pilotage inconnue', en: 'Unknown steering body' };
}
