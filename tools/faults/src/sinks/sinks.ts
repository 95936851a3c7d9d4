import type { MailLine } from './mail-log.js';

/** A contribution as one place has it. */
export interface Row {
  readonly contributionId: string;
  readonly bodySha256: string;
  /** The author's words; undefined: this place does not hold them. */
  readonly title?: string | undefined;
  readonly body?: string | undefined;
}

export interface StoredRow extends Row {
  /** Of the bytes as they come out of their encryption. */
  readonly openedSha256: string;
  readonly receivedAt: string;
}

export interface Event {
  readonly topic: string;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly version: number;
  /** Of events about a contribution. */
  readonly row?: Row;
}

export interface DispatchRow {
  readonly dispatchId: string;
  readonly kind: string;
  /** What the mail is about: of a receipt, the contribution. */
  readonly subjectId: string;
  /** SHA-256 of the address in lower case, in hexadecimal. */
  readonly recipientSha256: string;
  readonly lane: string;
  readonly state: string;
  readonly attempts: number;
}

/** What each place holds of one campaign, after the faults. */
export interface Sinks {
  /** By the database of contribution-service. */
  readonly closesAt: string;
  readonly stored: readonly StoredRow[];
  /** In the order of their offsets, redeliveries included. */
  readonly events: readonly Event[];
  /** Ids in the inbox of reporting-service. */
  readonly inbox: ReadonlySet<string>;
  readonly projected: readonly Row[];
  /** Of the closing report; undefined: there is none. */
  readonly csv: readonly Row[] | undefined;
  readonly xlsx: readonly Row[] | undefined;
  readonly jsonl: readonly Row[] | undefined;
  readonly sealed: { readonly accepted: number; readonly holds: boolean } | undefined;
  readonly dispatches: readonly DispatchRow[];
  readonly mails: readonly MailLine[];
  /** How often each action on the campaign was recorded: `schedule`, `open`, `extend`, `close`. */
  readonly transitions: ReadonlyMap<string, number>;
  /** Events that no relay has published, by service. */
  readonly unpublished: ReadonlyMap<string, number>;
  /** One line each: service, place, cause. */
  readonly deadLetters: readonly string[];
}
