import { DomainError } from './errors.js';

export class PreconditionMissing extends DomainError {
  readonly code = 'request.precondition-missing';
  readonly kind = 'precondition-missing';
  readonly title = { fr: 'En-tête If-Match manquant', en: 'If-Match header missing' };
}

export class ResourceStale extends DomainError {
  readonly code = 'request.stale';
  readonly kind = 'stale';
  readonly title = { fr: 'La ressource a changé entre-temps', en: 'The resource has changed meanwhile' };
}

/** Strong entity tag of a version (RFC 9110 §8.8.3). */
export const etag = (version: number): string => `"${version}"`;

/**
 * The version that the caller saw.
 * @throws PreconditionMissing without the header (428), ResourceStale for a tag that is none of ours (412).
 */
export function ifMatch(header: string | undefined): number {
  if (header === undefined) throw new PreconditionMissing({ fr: 'Renvoyez l’ETag de la dernière lecture dans If-Match.', en: 'Send back the ETag of your last reading in If-Match.' });
  const [, version] = /^"([1-9]\d{0,9})"$/.exec(header.trim()) ?? [];
  if (version === undefined) throw new ResourceStale({ fr: 'Relisez la ressource : cet ETag n’est pas le sien.', en: 'Read the resource again: this ETag is not its own.' });
  return Number(version);
}
