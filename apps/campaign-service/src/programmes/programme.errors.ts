import { DomainError } from '@cahier/platform';

export class ProgrammeUnknown extends DomainError {
  readonly code = 'programme.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Programme inconnu', en: 'Unknown programme' };

  constructor() {
    super({ fr: 'Aucun programme ne porte cet identifiant.', en: 'No programme has this id.' });
  }
}

export class YearTaken extends DomainError {
  readonly code = 'edition.year-taken';
  readonly kind = 'conflict';
  readonly title = { fr: 'Cette année a déjà son édition', en: 'This year has its edition already' };
}

export class PredecessorUnknown extends DomainError {
  readonly code = 'edition.predecessor-unknown';
  readonly kind = 'invalid';
  readonly title = { fr: 'Édition précédente inconnue', en: 'Unknown preceding edition' };
}
