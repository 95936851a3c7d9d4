import { DomainError } from '@cahier/platform';

export class SteeringBodyNotFound extends DomainError {
  readonly code = 'steering-body.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Instance de pilotage inconnue', en: 'Unknown steering body' };

  constructor() {
    super({ fr: 'Aucune instance de pilotage ne porte cet identifiant.', en: 'No steering body has this id.' });
  }
}

export class CodeTaken extends DomainError {
  readonly code = 'steering-body.code-taken';
  readonly kind = 'conflict';
  readonly title = { fr: 'Code déjà utilisé', en: 'Code already used' };
}

export class MemberKnown extends DomainError {
  readonly code = 'steering-body.member-known';
  readonly kind = 'conflict';
  readonly title = { fr: 'Membre déjà inscrit', en: 'Member already registered' };
}

export class MemberUnknown extends DomainError {
  readonly code = 'steering-body.member-unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Membre inconnu', en: 'Unknown member' };
}
