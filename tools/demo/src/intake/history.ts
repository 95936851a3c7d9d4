import type { SampleFiling } from '../samples/sample.js';
import type { Receipt } from './receipt.js';

/** A definite answer to one copy of a request. */
export type Answer =
  | { readonly kind: 'accepted'; readonly receipt: Receipt }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem }
  /** No definite answer came, however often the same request was sent. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly opensAt?: string;
  readonly closesAt?: string;
  readonly receivedAt?: string;
}

/** What was tried with one contribution, and what was answered: the client's own memory, which the system's is compared with. */
export interface Filed {
  /** The sample's source key; `edge:12` and `late:3` for what the demonstration adds around closing. */
  readonly key: string;
  readonly sample: SampleFiling;
  readonly idempotencyKey: string;
  /** The request's bytes as sent. */
  readonly body: Buffer;
  readonly email: string | undefined;
  /** One per copy that was sent. */
  readonly answers: readonly Answer[];
}

export const receiptOf = ({ answers }: Filed): Receipt | undefined => answers.find((answer) => answer.kind === 'accepted')?.receipt;
