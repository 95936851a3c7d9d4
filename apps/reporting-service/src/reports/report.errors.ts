import { DomainError } from '@cahier/platform';

export class CutoffInFuture extends DomainError {
  readonly code = 'report.cutoff-in-future';
  readonly kind = 'invalid';
  readonly title = { fr: 'La date d’arrêté est dans le futur', en: 'The cut-off is in the future' };
}

/** Also where the caller may not know whether there is one. */
export class ReportUnknown extends DomainError {
  readonly code = 'report.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Rapport inconnu', en: 'Unknown report' };
}

/** Not made yet, or making failed: there is nothing to compare. */
export class ReportNotMade extends DomainError {
  readonly code = 'report.not-made';
  readonly kind = 'conflict';
  readonly title = { fr: 'Rapport non établi', en: 'Report not made' };
}

export class ReportFileUnknown extends DomainError {
  readonly code = 'report.file-unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Ce rapport n’a pas ce fichier', en: 'The report has no such file' };
}

/** Whatever is wrong with it: which of the reasons it is helps nobody but an attacker. */
export class ReportLinkInvalid extends DomainError {
  readonly code = 'report.link-invalid';
  readonly kind = 'forbidden';
  readonly title = { fr: 'Ce lien n’ouvre pas ce rapport', en: 'This link does not open this report' };
}
