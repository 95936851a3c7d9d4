import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Attempt } from '../history.js';
import type { Sinks } from '../sinks/sinks.js';
import { check, countByClass, type AnomalyClass } from './check.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] extends readonly (infer E)[] | undefined ? E[] | undefined : T[K] extends ReadonlyMap<infer K2, infer V> ? Map<K2, V> : T[K] extends ReadonlySet<infer E> ? Set<E> : T[K] };

const sha = (n: number) => createHash('sha256').update(`${n}`).digest('hex');
const RECEIVED = '2026-03-01T11:00:10.000Z';
const CLOSES = '2026-03-01T11:00:30.000Z';
const at = { campaignId: 'c', sentAt: RECEIVED, endedAt: RECEIVED };

const receipt = (n: number) => ({ contributionId: `id-${n}`, filingNumber: `2026-00000${n}-A`, receivedAt: RECEIVED, bodySha256: sha(n) });
const attempt = (n: number, outcome: Attempt['outcome']): Attempt => ({ ...at, key: `key-${n}`, bodySha256: sha(n), receiptByMail: n === 1, outcome, ...(outcome === 'ok' && { status: 201, receipt: receipt(n) }) });

/** 1 and 2 acknowledged (2 after a doubt, twice alike), 3 doubtful and taken, 4 doubtful and not taken, 5 refused, 6 refused after a doubt but taken. */
const history = (): Attempt[] => [attempt(1, 'ok'), attempt(2, 'info'), attempt(2, 'ok'), attempt(2, 'ok'), attempt(3, 'info'), attempt(4, 'info'), attempt(5, 'fail'), attempt(6, 'info'), attempt(6, 'fail')];
const rows = () => [1, 2, 3, 6].map((n) => ({ contributionId: `id-${n}`, bodySha256: sha(n) }));

function healthy(): Mutable<Sinks> {
  const events = rows().map((row) => ({ topic: 'contribution.events', key: row.contributionId, eventId: `event-${row.contributionId}`, type: 'contribution.submitted', version: 1, row }));
  const campaign = [1, 2, 3].map((version) => ({ topic: 'campaign.events', key: 'c', eventId: `campaign-${version}`, type: 'x', version }));
  return {
    closesAt: CLOSES,
    stored: rows().map((row) => ({ ...row, openedSha256: row.bodySha256, receivedAt: RECEIVED })),
    events: [...events, events[0]!, ...campaign, campaign[0]!], // told twice, which is allowed
    inbox: new Set(events.map(({ eventId }) => eventId)),
    projected: rows(), csv: rows(), jsonl: rows(),
    sealed: { accepted: 4, holds: true },
    dispatches: [{ dispatchId: 'd-1', kind: 'receipt', subjectId: 'id-1', lane: 'receipts', state: 'sent', attempts: 2 }],
    mails: [{ messageId: '<d-1@x>', recipientSha256: 'h', verdict: 'doubtful', at: RECEIVED }, { messageId: '<d-1@x>', recipientSha256: 'h', verdict: 'accepted', at: RECEIVED }],
    transitions: new Map([['scheduled', 1], ['open', 1], ['closed', 1]]),
    unpublished: new Map([['contribution-service', 0]]),
    deadLetters: [],
  };
}

const phantom = { contributionId: 'id-9', bodySha256: sha(9) };
const refused = { contributionId: 'id-5', bodySha256: sha(5) };
const drop = (list: { contributionId: string }[] | undefined, id: string) => list!.splice(list!.findIndex(({ contributionId }) => contributionId === id), 1);

describe('the checker', () => {
  it('finds nothing where all is well, redeliveries and doubts included', () => {
    expect(check(history(), healthy())).toEqual([]);
  });

  it.each<[string, (sinks: Mutable<Sinks>, history: Attempt[]) => unknown, AnomalyClass, string]>([
    ['an acknowledged row lost from the record and all after it', (s) => { for (const list of [s.stored, s.projected, s.csv, s.jsonl]) drop(list, 'id-2'); s.events = s.events.filter(({ key }) => key !== 'id-2'); s.sealed = { accepted: 3, holds: true }; }, 'lost', sha(2)],
    ['one lost from Kafka', (s) => (s.events = s.events.filter(({ key }) => key !== 'id-1')), 'lost', sha(1)],
    ['one that no consumer has applied', (s) => s.inbox.delete('event-id-1'), 'lost', sha(1)],
    ['one lost from the projection', (s) => drop(s.projected, 'id-1'), 'lost', sha(1)],
    ['one lost from the CSV', (s) => drop(s.csv, 'id-1'), 'lost', sha(1)],
    ['one lost from the JSONL', (s) => drop(s.jsonl, 'id-1'), 'lost', sha(1)],
    ['a row that nobody sent', (s) => { s.stored.push({ ...phantom, openedSha256: sha(9), receivedAt: RECEIVED }); for (const list of [s.projected, s.csv!, s.jsonl!]) list.push(phantom); s.events.push({ ...s.events[0]!, key: 'id-9', eventId: 'e9', row: phantom }); s.inbox.add('e9'); s.sealed = { accepted: 5, holds: true }; }, 'phantom', sha(9)],
    ['a refused one in the projection', (s) => s.projected.push(refused), 'phantom', sha(5)],
    ['a doubled row of the CSV', (s) => s.csv!.push(s.csv![0]!), 'duplicate', sha(1)],
    ['two events for one contribution', (s) => { s.events.push({ ...s.events[0]!, eventId: 'another', version: 2 }); s.inbox.add('another'); }, 'duplicate', sha(1)],
    ['stored bytes that are other ones', (s) => (s.stored[0] = { ...s.stored[0]!, openedSha256: sha(8) }), 'altered', sha(1)],
    ['a seal over other rows', (s) => (s.sealed = { accepted: 4, holds: false }), 'altered', 'seal'],
    ['a seal with another count', (s) => (s.sealed = { accepted: 3, holds: true }), 'altered', 'seal'],
    ['a doubtful one in the record and not in the projection', (s) => drop(s.projected, 'id-3'), 'disagree', sha(3)],
    ['a doubtful one in the projection and not in the record', (s) => s.projected.push({ contributionId: 'id-4', bodySha256: sha(4) }), 'disagree', sha(4)],
    ['another id in the projection', (s) => (s.projected[0] = { ...s.projected[0]!, contributionId: 'id-x' }), 'disagree', sha(1)],
    ['a second receipt for one key', (_, h) => h.push({ ...attempt(2, 'ok'), receipt: { ...receipt(2), filingNumber: '2026-000099-A' } }), 'unstable-receipt', 'key-2'],
    ['a receipt that is not that of the row', (_, h) => (h[0] = { ...h[0]!, receipt: { ...receipt(1), receivedAt: '2026-03-01T11:00:11.000Z' } }), 'unstable-receipt', 'key-1'],
    ['one accepted at the closing', (s) => (s.stored[2] = { ...s.stored[2]!, receivedAt: CLOSES }), 'late-accepted', sha(3)],
    ['events of one key in the wrong order', (s) => { const n = s.events.findIndex(({ eventId }) => eventId === 'campaign-2'); [s.events[n], s.events[n + 1]] = [s.events[n + 1]!, s.events[n]!]; }, 'out-of-order', 'campaign.events c'],
    ['a version that was never told', (s) => (s.events = s.events.filter(({ eventId }) => eventId !== 'campaign-2')), 'skipped-version', 'campaign.events c'],
    ['a mail that is still to be sent', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, state: 'pending' }), 'not-terminal', 'd-1'],
    ['no seal', (s) => (s.sealed = undefined), 'not-terminal', 'seal'],
    ['no report', (s) => (s.csv = s.jsonl = undefined), 'not-terminal', 'report'],
    ['a campaign that never closed', (s) => s.transitions.delete('closed'), 'not-terminal', 'closed'],
    ['events that no relay has published', (s) => s.unpublished.set('contribution-service', 2), 'not-terminal', 'contribution-service'],
    ['a closing that fired twice', (s) => s.transitions.set('closed', 2), 'fired-twice', 'closed'],
    ['a dead letter', (s) => s.deadLetters.push('reporting-service: x/0/1 cause'), 'dead-lettered', 'reporting-service:'],
    ['more mails than attempts', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, attempts: 1 }), 'mailed-twice', 'd-1'],
    ['an announcement that came twice, honestly counted', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, lane: 'bulk' }), 'mailed-twice', 'd-1'],
    ['two dispatches for one receipt', (s) => { s.dispatches.push({ ...s.dispatches[0]!, dispatchId: 'd-2' }); s.mails.push({ ...s.mails[1]!, messageId: '<d-2@x>' }); }, 'mailed-twice', 'id-1'],
    ['a mail said to be sent that no server took', (s) => (s.mails = []), 'not-mailed', 'd-1'],
    ['a receipt that was asked for and never planned', (s) => { s.dispatches = []; s.mails = []; }, 'not-mailed', 'id-1'],
    ['a mail that could not be made', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, state: 'failed' }), 'not-mailed', 'd-1'],
  ])('%s', (_what, corrupt, name, key) => {
    const [sinks, told] = [healthy(), history()];
    corrupt(sinks, told);
    const anomalies = check(told, sinks);
    expect([...new Set(anomalies.map((anomaly) => `${anomaly.class} ${anomaly.key}`))]).toEqual([`${name} ${key}`]);
    expect([...countByClass(anomalies).keys()]).toEqual([name]);
  });

  it('allows versions to be missing from a topic that was wiped, and nothing else', () => {
    const sinks = healthy();
    sinks.events = sinks.events.filter(({ eventId }) => eventId !== 'campaign-1');
    expect(check(history(), sinks, { topicsWiped: true })).toEqual([]);
    expect(check(history(), sinks)).not.toEqual([]);
  });
});
