import { DomainError } from '@cahier/platform';

export class DeadLetterUnknown extends DomainError {
  readonly code = 'dead-letter.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Message en échec inconnu', en: 'Unknown dead letter' };
}

/** Replayed and discarded are final, each for the other. */
export class DeadLetterSettled extends DomainError {
  readonly code = 'dead-letter.settled';
  readonly kind = 'conflict';
  readonly title = { fr: 'Message en échec déjà réglé', en: 'Dead letter already settled' };
}

/** It failed again; its cause says why now. */
export class DeadLetterReplayFailed extends DomainError {
  readonly code = 'dead-letter.replay-failed';
  readonly kind = 'conflict';
  readonly title = { fr: 'Le message échoue encore', en: 'The message fails again' };
}
