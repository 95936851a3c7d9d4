import { DomainError } from '@cahier/platform';

/** Member `line`: where in the Markdown. */
export class DocumentRefused extends DomainError {
  readonly code = 'document.refused';
  readonly kind = 'invalid';
  readonly title = { fr: 'Document refusé', en: 'Document refused' };
}

export class DocumentFixed extends DomainError {
  readonly code = 'document.fixed';
  readonly kind = 'conflict';
  readonly title = { fr: 'Le document ne change plus', en: 'The document no longer changes' };
}
