import { BODY_LOST } from '@cahier/demo';
import type { Attempt } from '../history.js';
import { dispatchOf } from '../sinks/mail-log.js';
import type { Event, Row, Sinks } from '../sinks/sinks.js';

export const anomalyClasses = ['lost', 'phantom', 'duplicate', 'altered', 'disagree', 'unstable-receipt', 'late-accepted', 'out-of-order', 'skipped-version', 'not-terminal', 'dead-lettered', 'mailed-twice', 'not-mailed', 'in-doubt', 'fired-twice'] as const;
export type AnomalyClass = (typeof anomalyClasses)[number];

/** Something that must not be. */
export interface Anomaly {
  readonly class: AnomalyClass;
  /** Which promise it breaks, by its number in the design. */
  readonly invariant: string;
  /** Hash, id or key of what it is about; never words or addresses. */
  readonly key: string;
  readonly detail: string;
}

export interface CheckOptions {
  /** Versions may be missing from topics: the log was wiped and told again from what the tables still hold. */
  readonly topicsWiped?: boolean;
  /** Bodies as received may be lost where the row says so: a restored database read its contributions back from Kafka. */
  readonly bodiesLost?: boolean;
  /** Events were held back on purpose: a key's first deliveries may lie in any order, and consumers must cope. */
  readonly outOfOrder?: boolean;
  /** Mails that must have been planned, beside the receipts that were asked for. */
  readonly due?: readonly DueMail[];
  /** How many mails may be in doubt after what was done to their sender, beside those whose connection broke at the server. Default: any number. */
  readonly mostInDoubt?: number;
}

export interface DueMail {
  readonly kind: string;
  /** SHA-256 of the address in lower case, in hexadecimal. */
  readonly recipientSha256: string;
}

/** What is said of each action that staff or the schedule take. */
const EVENT_OF: Readonly<Record<string, string>> = { schedule: 'campaign.scheduled.v1', open: 'campaign.opened.v1', extend: 'campaign.deadline-extended.v1', close: 'campaign.closed.v1' };

const TERMINAL = new Set(['sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed']);

/** Compares what clients remember with what each place holds. Each body of a history must be sent under one key only. @returns every anomaly; none: all is well. */
export function check(history: readonly Attempt[], sinks: Sinks, options: CheckOptions = {}): readonly Anomaly[] {
  return [...places(history, sinks, options), ...words(history, sinks), ...receipts(history, sinks), ...order(sinks, options), ...mails(history, sinks, options), ...said(sinks, options), ...endings(sinks)];
}

export function countByClass(anomalies: readonly Anomaly[]): ReadonlyMap<AnomalyClass, number> {
  const counts = new Map<AnomalyClass, number>();
  for (const { class: name } of anomalies) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Every contribution, in every place: once when it was acknowledged, never when it was refused, everywhere or nowhere when nobody knows. */
function* places(history: readonly Attempt[], sinks: Sinks, { bodiesLost = false }: CheckOptions): Generator<Anomaly> {
  const attempted = Map.groupBy(history, ({ bodySha256 }) => bodySha256);
  const acknowledged = new Set(history.filter(({ outcome }) => outcome === 'ok').map(({ bodySha256 }) => bodySha256));
  const maybe = new Set(history.filter(({ outcome }) => outcome !== 'fail').map(({ bodySha256 }) => bodySha256));
  const submitted = [...new Map(sinks.events.filter(({ row }) => row).map(({ eventId, row }) => [eventId, row!])).values()];
  const applied = [...new Map(sinks.events.filter(({ row, eventId }) => row && sinks.inbox.has(eventId)).map(({ eventId, row }) => [eventId, row!])).values()];
  const all: readonly (readonly [string, string, readonly Row[] | undefined])[] = [
    ['PostgreSQL', 'I1', sinks.stored], ['Kafka', 'E1', submitted], ['inbox', 'E2', applied], ['projection', 'E3', sinks.projected], ['CSV', 'R2', sinks.csv], ['XLSX', 'R2', sinks.xlsx], ['JSONL', 'R2', sinks.jsonl],
  ];
  const record = new Map(sinks.stored.map((row) => [row.bodySha256, row.contributionId]));

  for (const [place, invariant, rows] of all) {
    if (!rows) continue; // not terminal: said there
    const counts = Map.groupBy(rows, ({ bodySha256 }) => bodySha256);
    for (const sha of acknowledged) if (!counts.has(sha)) yield { class: 'lost', invariant: place === 'PostgreSQL' ? 'I1' : invariant, key: sha, detail: `acknowledged, not in ${place}` };
    for (const [sha, found] of counts) {
      if (!maybe.has(sha)) yield { class: 'phantom', invariant: 'I3', key: sha, detail: `in ${place}, ${attempted.has(sha) ? 'though it was refused' : 'though nobody sent it'}` };
      if (found.length > 1) yield { class: 'duplicate', invariant: 'I2', key: sha, detail: `${found.length} times in ${place}` };
      if (place !== 'PostgreSQL' && maybe.has(sha) && (!record.has(sha) || found.some(({ contributionId }) => contributionId !== record.get(sha)))) yield { class: 'disagree', invariant: 'I3', key: sha, detail: `in ${place} and not so in PostgreSQL` };
    }
    for (const sha of record.keys()) if (!counts.has(sha) && !acknowledged.has(sha)) yield { class: 'disagree', invariant: 'I3', key: sha, detail: `in PostgreSQL and not in ${place}` };
  }
  for (const { bodySha256, openedSha256, receivedAt } of sinks.stored) {
    if (openedSha256 !== bodySha256 && !(bodiesLost && openedSha256 === BODY_LOST)) yield { class: 'altered', invariant: 'I5', key: bodySha256, detail: 'the stored bytes are other ones' };
    if (receivedAt >= sinks.closesAt) yield { class: 'late-accepted', invariant: 'I6', key: bodySha256, detail: `received ${receivedAt}, closed ${sinks.closesAt}` };
  }
}

/** Wherever words are kept, they are those that were sent. */
function* words(history: readonly Attempt[], sinks: Sinks): Generator<Anomaly> {
  const sent = new Map(history.map(({ bodySha256, title, body }) => [bodySha256, { title, body }]));
  const all: readonly (readonly [string, string, readonly Row[] | undefined])[] = [
    ['Kafka', 'E1', sinks.events.flatMap(({ row }) => row ?? [])], ['projection', 'E4', sinks.projected], ['CSV', 'R4', sinks.csv], ['XLSX', 'R4', sinks.xlsx], ['JSONL', 'R4', sinks.jsonl],
  ];
  for (const [place, invariant, rows = []] of all) {
    for (const { bodySha256, title, body } of rows) {
      const original = sent.get(bodySha256);
      if (original && (title !== original.title || body !== original.body)) yield { class: 'altered', invariant, key: bodySha256, detail: `other words in ${place}` };
    }
  }
}

function* receipts(history: readonly Attempt[], sinks: Sinks): Generator<Anomaly> {
  const record = new Map(sinks.stored.map((row) => [row.bodySha256, row]));
  for (const [key, attempts] of Map.groupBy(history.filter(({ receipt }) => receipt), (attempt) => attempt.key)) {
    const texts = new Set(attempts.map(({ receipt }) => JSON.stringify(receipt)));
    if (texts.size > 1) yield { class: 'unstable-receipt', invariant: 'I4', key, detail: `${texts.size} different receipts` };
    const { receipt, bodySha256 } = attempts[0]!;
    const row = record.get(bodySha256);
    if (row && (row.contributionId !== receipt!.contributionId || row.receivedAt !== receipt!.receivedAt || receipt!.bodySha256 !== bodySha256)) yield { class: 'unstable-receipt', invariant: 'I4', key, detail: 'the receipt is not that of the row' };
  }
}

/** By key, the first deliveries of a topic go up by one; redeliveries may come at any time. */
function* order({ events }: Sinks, { topicsWiped = false, outOfOrder = false }: CheckOptions): Generator<Anomaly> {
  for (const [key, all] of Map.groupBy(events, (event) => `${event.topic} ${event.key}`)) {
    const versions = [...firstDeliveries(all)];
    let last = 0;
    for (const version of versions) {
      if (version <= last && !outOfOrder) yield { class: 'out-of-order', invariant: 'E3', key, detail: `version ${version} after ${last}` };
      last = Math.max(last, version);
    }
    const told = new Set(versions);
    for (let version = 1; version < last && !topicsWiped; version++) if (!told.has(version)) yield { class: 'skipped-version', invariant: 'E3', key, detail: `version ${version} of ${last}` };
  }
}

function* firstDeliveries(events: readonly Event[]): Generator<number> {
  const seen = new Set<string>();
  for (const { version, eventId } of events) {
    if (!seen.has(eventId)) yield version;
    seen.add(eventId);
  }
}

function* mails(history: readonly Attempt[], { stored, dispatches, mails: taken }: Sinks, { due = [], mostInDoubt = Infinity }: CheckOptions): Generator<Anomaly> {
  const bySubject = Map.groupBy(dispatches.filter(({ kind }) => kind === 'receipt'), ({ subjectId }) => subjectId);
  const asked = new Set(history.filter(({ receiptByMail }) => receiptByMail).map(({ bodySha256 }) => bodySha256));
  for (const { contributionId, bodySha256 } of stored) {
    const count = bySubject.get(contributionId)?.length ?? 0;
    if (asked.has(bodySha256) && count === 0) yield { class: 'not-mailed', invariant: 'N2', key: contributionId, detail: 'no dispatch for its receipt' };
    if (count > 1) yield { class: 'mailed-twice', invariant: 'N1', key: contributionId, detail: `${count} dispatches for one receipt` };
  }
  const planned = Map.groupBy(dispatches, ({ kind, recipientSha256 }) => `${kind} ${recipientSha256}`);
  for (const { kind, recipientSha256 } of due) {
    const count = planned.get(`${kind} ${recipientSha256}`)?.length ?? 0;
    if (count === 0) yield { class: 'not-mailed', invariant: 'N2', key: recipientSha256, detail: `no dispatch for the mail of kind ${kind}` };
    if (count > 1) yield { class: 'mailed-twice', invariant: 'N1', key: recipientSha256, detail: `${count} dispatches of kind ${kind}` };
  }
  let doubts = 0;
  const byDispatch = Map.groupBy(taken, ({ messageId }) => dispatchOf(messageId));
  for (const { dispatchId, lane, state, attempts } of dispatches) {
    const lines = byDispatch.get(dispatchId) ?? [];
    const accepted = lines.filter(({ verdict }) => verdict === 'accepted').length;
    if (state === 'indeterminate' || lines.length > 1) doubts++;
    if (!TERMINAL.has(state)) yield { class: 'not-terminal', invariant: 'N2', key: dispatchId, detail: `the dispatch is ${state}` };
    if (state === 'sent' && accepted === 0) yield { class: 'not-mailed', invariant: 'N2', key: dispatchId, detail: 'said to be sent; no server took it' };
    // In doubt a receipt is sent again under its Message-ID; what goes to many is left to an operator.
    const most = lane === 'bulk' ? 1 : attempts;
    if (lines.length > most) yield { class: 'mailed-twice', invariant: 'N1', key: dispatchId, detail: `taken ${lines.length} times, in ${attempts} attempts of lane ${lane}` };
    if (state === 'failed') yield { class: 'not-mailed', invariant: 'N2', key: dispatchId, detail: 'failed' };
  }
  const may = mostInDoubt + taken.filter(({ verdict }) => verdict === 'doubtful').length;
  if (doubts > may) yield { class: 'in-doubt', invariant: 'N1', key: 'mails', detail: `${doubts} mails in doubt, where ${may} may be` };
}

/** Each action on the campaign was said, once, and nothing was said that did not happen. */
function* said({ events, transitions }: Sinks, { topicsWiped = false }: CheckOptions): Generator<Anomaly> {
  if (topicsWiped) return;
  for (const [action, type] of Object.entries(EVENT_OF)) {
    const [times, told] = [transitions.get(action) ?? 0, new Set(events.filter((event) => event.type === type).map(({ eventId }) => eventId)).size];
    if (times !== told) yield { class: 'disagree', invariant: 'E1', key: action, detail: `recorded ${times} times, said ${told} times` };
  }
}

function* endings({ sealed, stored, csv, transitions, unpublished, deadLetters }: Sinks): Generator<Anomaly> {
  if (!sealed) yield { class: 'not-terminal', invariant: 'I6', key: 'seal', detail: 'the intake is not sealed' };
  else if (!sealed.holds || sealed.accepted !== stored.length) yield { class: 'altered', invariant: 'R2', key: 'seal', detail: `${sealed.accepted} sealed, ${stored.length} stored; digest ${sealed.holds ? 'holds' : 'differs'}` };
  if (!csv) yield { class: 'not-terminal', invariant: 'R3', key: 'report', detail: 'no closing report' };
  for (const action of ['open', 'close']) {
    const times = transitions.get(action) ?? 0;
    if (times === 0) yield { class: 'not-terminal', invariant: 'S1', key: action, detail: 'never fired' };
    if (times > 1) yield { class: 'fired-twice', invariant: 'S1', key: action, detail: `${times} times` };
  }
  for (const [service, count] of unpublished) if (count > 0) yield { class: 'not-terminal', invariant: 'E2', key: service, detail: `${count} events unpublished` };
  for (const line of deadLetters) yield { class: 'dead-lettered', invariant: 'E5', key: line.split(' ')[0] ?? '', detail: line };
}
