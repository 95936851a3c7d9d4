import { DomainError } from '@cahier/platform';

/** Outside the window, suspended or cancelled. Members: `state`, `opensAt`, `closesAt` and `receivedAt`, by which it was judged. */
export class CampaignNotOpen extends DomainError {
  readonly code = 'campaign.not-open';
  readonly kind = 'conflict';
  readonly title = { fr: 'La campagne ne reçoit pas de contribution à cet instant', en: 'The campaign does not accept contributions at this time' };

  constructor(window: { state: string; opensAt: string; closesAt: string; receivedAt: string }) {
    super(
      {
        fr: `Reçu le ${window.receivedAt}\u202f; les dépôts sont ouverts du ${window.opensAt} inclus au ${window.closesAt} exclu. État\u00a0: ${window.state}.`,
        en: `Received at ${window.receivedAt}; filing is open from ${window.opensAt} up to, but not at, ${window.closesAt}. State: ${window.state}.`,
      },
      window,
    );
  }
}

/** The key belongs to another request body. */
export class IdempotencyKeyReused extends DomainError {
  readonly code = 'idempotency-key.reused';
  readonly kind = 'invalid';
  readonly title = { fr: 'Clé d’idempotence déjà utilisée pour un autre contenu', en: 'Idempotency key already used for another content' };

  constructor() {
    super({ fr: 'Prenez une nouvelle clé pour un nouveau contenu.', en: 'Use a new key for a new content.' });
  }
}

/** The header is missing or weak. */
export class IdempotencyKeyInvalid extends DomainError {
  readonly code = 'idempotency-key.invalid';
  readonly kind = 'malformed';
  readonly title = { fr: 'Clé d’idempotence absente ou trop faible', en: 'Missing or weak idempotency key' };

  constructor() {
    super({
      fr: 'L’en-tête Idempotency-Key doit contenir un UUID, ou de 22 à 128 caractères parmi A-Z a-z 0-9 . _ ~ -, tirés au hasard.',
      en: 'The Idempotency-Key header must hold a UUID, or 22 to 128 random characters among A-Z a-z 0-9 . _ ~ -.',
    });
  }
}

/** A section, a paragraph or a contribution that the campaign does not have. */
export class TargetUnknown extends DomainError {
  readonly code = 'contribution.target-unknown';
  readonly kind = 'invalid';
  readonly title = { fr: 'La contribution porte sur un élément inconnu', en: 'The contribution is about something unknown' };

  /** @param index place in `targets`, from 0. */
  constructor(index: number) {
    const detail = { fr: 'Cet élément n’existe pas dans la campagne.', en: 'The campaign has no such element.' };
    super(detail, { errors: [{ pointer: `/targets/${index}/id`, detail: `${detail.fr} · ${detail.en}` }] });
  }
}

/** The database refused this content alone; its neighbours were stored. */
export class ContributionNotStorable extends DomainError {
  readonly code = 'contribution.not-storable';
  readonly kind = 'invalid';
  readonly title = { fr: 'Ce contenu ne peut pas être enregistré', en: 'This content cannot be stored' };

  constructor() {
    super({ fr: 'Rien n’a été enregistré.', en: 'Nothing was stored.' });
  }
}

/** Too much at once. Nothing was judged or stored; the same request with the same key may come again. */
export class IntakeOverloaded extends DomainError {
  readonly code = 'intake.overloaded';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Trop de dépôts à la fois', en: 'Too many requests at once' };

  constructor() {
    // Spread out, or everybody comes back together.
    super(
      { fr: 'Renvoyez la même requête, avec la même clé, dans quelques secondes.', en: 'Send the same request, with the same key, again in a few seconds.' },
      { retryAfter: 1 + Math.floor(Math.random() * 5) },
    );
  }
}

/** The database did not answer. Whether the contribution is stored will be told by the same request with the same key. */
export class IntakeUnavailable extends DomainError {
  readonly code = 'intake.unavailable';
  readonly kind = 'unavailable';
  readonly title = { fr: 'L’enregistrement n’a pas pu être confirmé', en: 'Storing could not be confirmed' };

  constructor() {
    super({
      fr: 'Renvoyez la même requête, avec la même clé\u00a0: elle ne sera jamais enregistrée deux fois.',
      en: 'Send the same request, with the same key, again: it will never be stored twice.',
    });
  }
}
