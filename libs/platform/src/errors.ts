import type { Bilingual } from '@cahier/contracts';

/** What a refusal means to the caller; the HTTP status follows from it. */
export type ErrorKind =
  | 'malformed' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'stale' | 'too-large'
  | 'unsupported' | 'invalid' | 'precondition-missing' | 'too-many' | 'unavailable';

/** RFC 9110 and RFC 6585 status codes. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  'malformed': 400, 'unauthenticated': 401, 'forbidden': 403, 'not-found': 404, 'conflict': 409, 'stale': 412, 'too-large': 413,
  'unsupported': 415, 'invalid': 422, 'precondition-missing': 428, 'too-many': 429, 'unavailable': 503,
};

/** Words of one occurrence, safe to show to the caller: never a value that the caller sent. */
export type Detail = string | Bilingual;

/** A rule said no. The caller can act on it; it is never a bug and never worth a retry, but for kind `unavailable`. */
export abstract class DomainError extends Error {
  /** Stable machine name, `<aggregate>.<rule>`; the last part of the RFC 9457 `type`. */
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  /** The same for every occurrence; the RFC 9457 `title`. */
  abstract readonly title: Bilingual;

  /** @param members further members of the problem, such as the instants of a window. */
  constructor(readonly detail: Detail, readonly members: Readonly<Record<string, unknown>> = {}) {
    super(typeof detail === 'string' ? detail : detail.en);
    this.name = new.target.name;
  }
}

/** One thing to change: where (RFC 6901) and what. */
export interface Fault {
  readonly pointer: string;
  readonly detail: Detail;
}

/** The request is not what the route takes. */
export class RequestMalformed extends DomainError {
  readonly code = 'request.malformed';
  readonly kind = 'malformed';
  readonly title = { fr: 'Requête mal formée', en: 'Malformed request' };

  constructor(readonly errors: readonly Fault[]) {
    super({ fr: 'La requête ne correspond pas à ce qui est attendu.', en: 'The request is not what is expected.' });
  }
}
