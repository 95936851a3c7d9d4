import type { Lane } from './lanes.js';

/** Minutes of retrying after which a mail has lost its sense. */
const MAX_ATTEMPTS = 12;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** What an SMTP exchange came to. */
export type SmtpOutcome =
  | { readonly kind: 'accepted' }
  /** A reply of the server, RFC 5321 §4.2. */
  | { readonly kind: 'refused'; readonly code: number }
  /** The server was never told the message: nothing can have been sent. */
  | { readonly kind: 'unreachable' }
  /** The connection broke after the message: it may have been sent (RFC 1047). */
  | { readonly kind: 'unknown' };

export type Verdict =
  | { readonly state: 'sent' }
  | { readonly state: 'pending'; readonly pauseMs: number; readonly counted: boolean }
  | { readonly state: 'bounced' | 'expired' | 'indeterminate'; readonly cause: string };

/** @param attempts made, this one included. */
export function judge(outcome: SmtpOutcome, attempts: number, lane: Lane): Verdict {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent' };
    case 'refused':
      if (outcome.code >= 500) return { state: 'bounced', cause: `SMTP ${outcome.code}` };
      return attempts >= MAX_ATTEMPTS ? { state: 'expired', cause: `SMTP ${outcome.code}, ${attempts} times` } : { state: 'pending', pauseMs, counted: true };
    case 'unreachable':
      // The server's absence is nobody's fault: the mail waits as long as it takes.
      return { state: 'pending', pauseMs: Math.min(pauseMs, 30_000), counted: false };
    case 'unknown':
      return afterDoubt(lane, 'The connection broke before the server answered');
  }
}

/** A mail that may have been sent: transactional ones are sent again under the same Message-ID, others wait for an operator. */
export function afterDoubt(lane: Lane, cause: string): Verdict {
  return lane === 'bulk' ? { state: 'indeterminate', cause } : { state: 'pending', pauseMs: FIRST_PAUSE_MS, counted: true };
}
