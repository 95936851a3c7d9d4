import { DomainError } from '@cahier/platform';

/** No such contribution, or not the caller's: the two are told apart by nobody. */
export class ContributionUnknown extends DomainError {
  readonly code = 'contribution.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Contribution inconnue', en: 'Unknown contribution' };

  constructor() {
    super({ fr: 'Aucune contribution ne correspond à cette adresse et à ce jeton. Vérifiez que le lien a été copié en entier.', en: 'No contribution matches this address and this token. Check that the link was copied as a whole.' });
  }
}

/** Withdrawing ends with closing: from then on the set of contributions is final. */
export class WithdrawalTooLate extends DomainError {
  readonly code = 'contribution.withdrawal-too-late';
  readonly kind = 'conflict';
  readonly title = { fr: 'Le retrait n’est plus possible', en: 'It is too late to withdraw' };

  constructor(closesAt: Date) {
    const at = (language: 'fr' | 'en') => new Intl.DateTimeFormat(language === 'fr' ? 'fr' : 'en-GB', { dateStyle: 'long', timeStyle: 'long', timeZone: 'Europe/Paris' }).format(closesAt);
    super({ fr: `La campagne est close depuis le ${at('fr')}.`, en: `The campaign closed on ${at('en')}.` }, { closesAt: closesAt.toISOString() });
  }
}

/** The intake was being sealed, or the database was too slow to be sure that it was not. Nothing changed. */
export class WithdrawalUndecided extends DomainError {
  readonly code = 'contribution.withdrawal-undecided';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Le retrait n’a pas pu être décidé', en: 'The withdrawal could not be decided' };

  constructor() {
    super({ fr: 'Rien n’a changé. Recommencez.', en: 'Nothing changed. Try again.' });
  }
}

/** Its author has taken it back: there is nothing to hide or to show. */
export class ContributionWithdrawn extends DomainError {
  readonly code = 'contribution.withdrawn';
  readonly kind = 'conflict';
  readonly title = { fr: 'La contribution a été retirée par son auteur', en: 'The contribution was withdrawn by its author' };

  constructor() {
    super({ fr: 'Elle ne peut plus être masquée ni affichée.', en: 'It can no longer be hidden or shown.' });
  }
}

/** It is as the caller wants it already. */
export class ContributionStatusUnchanged extends DomainError {
  readonly code = 'contribution.status-unchanged';
  readonly kind = 'conflict';
  readonly title = { fr: 'La contribution est déjà dans cet état', en: 'The contribution is in this state already' };

  constructor(status: string) {
    super({ fr: `État\u00a0: ${status}.`, en: `State: ${status}.` }, { contributionStatus: status });
  }
}
