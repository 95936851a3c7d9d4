import { BODY_LOST } from '@cahier/demo';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { Attempt } from '../history.js';
import type { Sinks } from '../sinks/sinks.js';
import { anomalyClasses, check, type CheckOptions, countByClass, type AnomalyClass } from './check.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] extends readonly (infer E)[] | undefined ? E[] | undefined : T[K] extends ReadonlyMap<infer K2, infer V> ? Map<K2, V> : T[K] extends ReadonlySet<infer E> ? Set<E> : T[K] };

const sha = (n: number) => createHash('sha256').update(`${n}`).digest('hex');
const RECEIVED = '2026-03-01T11:00:10.000Z';
const CLOSES = '2026-03-01T11:00:30.000Z';
const at = { campaignId: 'c', sentAt: RECEIVED, endedAt: RECEIVED };

const receipt = (n: number) => ({ contributionId: `id-${n}`, filingNumber: `2026-00000${n}-A`, receivedAt: RECEIVED, bodySha256: sha(n) });
const words = (n: number) => ({ title: `Titre ${n}`, body: `=1+${n} 😀 e\u0301` });
const attempt = (n: number, outcome: Attempt['outcome']): Attempt => ({ ...at, ...words(n), key: `key-${n}`, bodySha256: sha(n), receiptByMail: n === 1, outcome, ...(outcome === 'ok' && { status: 201, receipt: receipt(n) }) });

/** 1 and 2 acknowledged (2 after a doubt, twice alike), 3 doubtful and taken, 4 doubtful and not taken, 5 refused, 6 refused after a doubt but taken. */
const history = (): Attempt[] => [attempt(1, 'ok'), attempt(2, 'info'), attempt(2, 'ok'), attempt(2, 'ok'), attempt(3, 'info'), attempt(4, 'info'), attempt(5, 'fail'), attempt(6, 'info'), attempt(6, 'fail')];
const rows = () => [1, 2, 3, 6].map((n) => ({ contributionId: `id-${n}`, bodySha256: sha(n), ...words(n) }));

function healthy(): Mutable<Sinks> {
  const events = rows().map((row) => ({ topic: 'contribution.events', key: row.contributionId, eventId: `event-${row.contributionId}`, type: 'contribution.submitted', version: 1, row }));
  const campaign = ['campaign.scheduled.v1', 'document.published.v1', 'campaign.opened.v1', 'campaign.closed.v1'].map((type, n) => ({ topic: 'campaign.events', key: 'c', eventId: `campaign-${n + 1}`, type, version: n + 1 }));
  return {
    closesAt: CLOSES,
    stored: rows().map((row) => ({ ...row, openedSha256: row.bodySha256, receivedAt: RECEIVED })),
    events: [...events, events[0]!, ...campaign, campaign[0]!], // told twice, which is allowed
    inbox: new Set(events.map(({ eventId }) => eventId)),
    projected: rows(), csv: rows(), xlsx: rows(), jsonl: rows(),
    sealed: { accepted: 4, holds: true },
    dispatches: [{ dispatchId: 'd-1', kind: 'receipt', subjectId: 'id-1', recipientSha256: 'h', lane: 'receipts', state: 'sent', attempts: 2 }],
    mails: [{ messageId: '<d-1@x>', recipientSha256: 'h', verdict: 'doubtful', at: RECEIVED }, { messageId: '<d-1@x>', recipientSha256: 'h', verdict: 'accepted', at: RECEIVED }],
    transitions: new Map([['schedule', 1], ['open', 1], ['close', 1]]),
    unpublished: new Map([['contribution-service', 0]]),
    deadLetters: [],
  };
}

const phantom = { contributionId: 'id-9', bodySha256: sha(9) };
const refused = { contributionId: 'id-5', bodySha256: sha(5), ...words(5) };
const drop = (list: { contributionId: string }[] | undefined, id: string) => list!.splice(list!.findIndex(({ contributionId }) => contributionId === id), 1);

/** What must be found, and nothing else: how it comes about, its class and its key. */
const corruptions: readonly (readonly [what: string, corrupt: (sinks: Mutable<Sinks>, history: Attempt[]) => unknown, AnomalyClass, key: string, options?: CheckOptions])[] = [
  ['an acknowledged row lost from the record and all after it', (s) => { for (const list of [s.stored, s.projected, s.csv, s.xlsx, s.jsonl]) drop(list, 'id-2'); s.events = s.events.filter(({ key }) => key !== 'id-2'); s.sealed = { accepted: 3, holds: true }; }, 'lost', sha(2)],
  ['one lost from Kafka', (s) => (s.events = s.events.filter(({ key }) => key !== 'id-1')), 'lost', sha(1)],
  ['one that no consumer has applied', (s) => s.inbox.delete('event-id-1'), 'lost', sha(1)],
  ['one lost from the projection', (s) => drop(s.projected, 'id-1'), 'lost', sha(1)],
  ['one lost from the CSV', (s) => drop(s.csv, 'id-1'), 'lost', sha(1)],
  ['one lost from the XLSX', (s) => drop(s.xlsx, 'id-1'), 'lost', sha(1)],
  ['one lost from the JSONL', (s) => drop(s.jsonl, 'id-1'), 'lost', sha(1)],
  ['a row that nobody sent', (s) => { s.stored.push({ ...phantom, openedSha256: sha(9), receivedAt: RECEIVED }); for (const list of [s.projected, s.csv!, s.xlsx!, s.jsonl!]) list.push(phantom); s.events.push({ ...s.events[0]!, key: 'id-9', eventId: 'e9', row: phantom }); s.inbox.add('e9'); s.sealed = { accepted: 5, holds: true }; }, 'phantom', sha(9)],
  ['a refused one in the projection', (s) => s.projected.push(refused), 'phantom', sha(5)],
  ['a doubled row of the CSV', (s) => s.csv!.push(s.csv![0]!), 'duplicate', sha(1)],
  ['two events for one contribution', (s) => { s.events.push({ ...s.events[0]!, eventId: 'another', version: 2 }); s.inbox.add('another'); }, 'duplicate', sha(1)],
  ['a body that is lost, though nothing was restored', (s) => (s.stored[0] = { ...s.stored[0]!, openedSha256: BODY_LOST }), 'altered', sha(1)],
  ['stored bytes that are other ones', (s) => (s.stored[0] = { ...s.stored[0]!, openedSha256: sha(8) }), 'altered', sha(1)],
  ['other words in Kafka', (s) => (s.events[0] = { ...s.events[0]!, row: { ...s.events[0]!.row!, title: 'Autre' } }), 'altered', sha(1)],
  ['other words in the projection', (s) => (s.projected[0] = { ...s.projected[0]!, body: '=1+1 😀 \u00e9' }), 'altered', sha(1)],
  ['no words any more in the projection', (s) => (s.projected[0] = { ...s.projected[0]!, title: undefined, body: undefined }), 'altered', sha(1)],
  ['other words in the CSV', (s) => (s.csv![0] = { ...s.csv![0]!, body: "'=1+1 😀 e\u0301" }), 'altered', sha(1)],
  ['other words in the XLSX', (s) => (s.xlsx![0] = { ...s.xlsx![0]!, title: 'Titre' }), 'altered', sha(1)],
  ['other words in the JSONL', (s) => (s.jsonl![0] = { ...s.jsonl![0]!, body: '' }), 'altered', sha(1)],
  ['a seal over other rows', (s) => (s.sealed = { accepted: 4, holds: false }), 'altered', 'seal'],
  ['a seal with another count', (s) => (s.sealed = { accepted: 3, holds: true }), 'altered', 'seal'],
  ['a doubtful one in the record and not in the projection', (s) => drop(s.projected, 'id-3'), 'disagree', sha(3)],
  ['a doubtful one in the projection and not in the record', (s) => s.projected.push({ contributionId: 'id-4', bodySha256: sha(4), ...words(4) }), 'disagree', sha(4)],
  ['another id in the projection', (s) => (s.projected[0] = { ...s.projected[0]!, contributionId: 'id-x' }), 'disagree', sha(1)],
  ['a second receipt for one key', (_, h) => h.push({ ...attempt(2, 'ok'), receipt: { ...receipt(2), filingNumber: '2026-000099-A' } }), 'unstable-receipt', 'key-2'],
  ['a receipt that is not that of the row', (_, h) => (h[0] = { ...h[0]!, receipt: { ...receipt(1), receivedAt: '2026-03-01T11:00:11.000Z' } }), 'unstable-receipt', 'key-1'],
  ['a receipt for another id than the row’s', (_, h) => (h[0] = { ...h[0]!, receipt: { ...receipt(1), contributionId: 'id-x' } }), 'unstable-receipt', 'key-1'],
  ['a receipt for other bytes than were sent', (_, h) => (h[0] = { ...h[0]!, receipt: { ...receipt(1), bodySha256: sha(8) } }), 'unstable-receipt', 'key-1'],
  ['one accepted at the closing', (s) => (s.stored[2] = { ...s.stored[2]!, receivedAt: CLOSES }), 'late-accepted', sha(3)],
  ['events of one key in the wrong order', (s) => { const n = s.events.findIndex(({ eventId }) => eventId === 'campaign-2'); [s.events[n], s.events[n + 1]] = [s.events[n + 1]!, s.events[n]!]; }, 'out-of-order', 'campaign.events c'],
  ['a version that was never told', (s) => (s.events = s.events.filter(({ eventId }) => eventId !== 'campaign-2')), 'skipped-version', 'campaign.events c'],
  ['a mail that is still to be sent', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, state: 'pending' }), 'not-terminal', 'd-1'],
  ['no seal', (s) => (s.sealed = undefined), 'not-terminal', 'seal'],
  ['no report', (s) => (s.csv = s.xlsx = s.jsonl = undefined), 'not-terminal', 'report'],
  ['a campaign that never opened', (s) => { s.transitions.delete('open'); s.events = s.events.filter(({ type }) => type !== 'campaign.opened.v1').map((event) => (event.type === 'campaign.closed.v1' ? { ...event, version: 3 } : event)); }, 'not-terminal', 'open'],
  ['a campaign that never closed', (s) => { s.transitions.delete('close'); s.events = s.events.filter(({ type }) => type !== 'campaign.closed.v1'); }, 'not-terminal', 'close'],
  ['events that no relay has published', (s) => s.unpublished.set('contribution-service', 2), 'not-terminal', 'contribution-service'],
  ['a closing that fired twice', (s) => { s.transitions.set('close', 2); s.events.push({ ...s.events.at(-1)!, eventId: 'campaign-5', type: 'campaign.closed.v1', version: 5 }); }, 'fired-twice', 'close'],
  ['an extension that was never said', (s) => s.transitions.set('extend', 1), 'disagree', 'extend'],
  ['an extension that was said and never made', (s) => s.events.push({ ...s.events.at(-1)!, eventId: 'campaign-5', type: 'campaign.deadline-extended.v1', version: 5 }), 'disagree', 'extend'],
  ['a dead letter', (s) => s.deadLetters.push('reporting-service: x/0/1 cause'), 'dead-lettered', 'reporting-service:'],
  ['more mails than attempts', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, attempts: 1 }), 'mailed-twice', 'd-1'],
  ['an announcement that came twice, honestly counted', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, lane: 'bulk' }), 'mailed-twice', 'd-1'],
  ['two dispatches for one receipt', (s) => { s.dispatches.push({ ...s.dispatches[0]!, dispatchId: 'd-2' }); s.mails.push({ ...s.mails[1]!, messageId: '<d-2@x>' }); }, 'mailed-twice', 'id-1'],
  ['a mail said to be sent that no server took', (s) => (s.mails = []), 'not-mailed', 'd-1'],
  ['a receipt that was asked for and never planned', (s) => { s.dispatches = []; s.mails = []; }, 'not-mailed', 'id-1'],
  ['a mail that could not be made', (s) => (s.dispatches[0] = { ...s.dispatches[0]!, state: 'failed' }), 'not-mailed', 'd-1'],
  ['a mail that was due and never planned', () => undefined, 'not-mailed', 'h-2', { due: [{ kind: 'closing', recipientSha256: 'h-2' }] }],
  ['a mail that may or may not have gone', (s) => { s.dispatches[0] = { ...s.dispatches[0]!, state: 'indeterminate' }; s.mails = []; }, 'in-doubt', 'mails', { mostInDoubt: 0 }],
];

describe('the checker', () => {
  it('finds nothing where all is well, redeliveries and doubts included', () => {
    expect(check(history(), healthy())).toEqual([]);
  });

  // With a default, for Jest takes a parameter that a row lacks for its callback.
  it.each(corruptions)('%s', (_what, corrupt, name, key, options = {}) => {
    const [sinks, told] = [healthy(), history()];
    corrupt(sinks, told);
    const anomalies = check(told, sinks, options);
    expect([...new Set(anomalies.map((anomaly) => `${anomaly.class} ${anomaly.key}`))]).toEqual([`${name} ${key}`]);
    expect([...countByClass(anomalies).keys()]).toEqual([name]);
  });

  it('has a case for each class of anomaly', () => {
    expect([...new Set(corruptions.map(([, , name]) => name))].toSorted()).toEqual(anomalyClasses.toSorted());
  });

  it('allows versions to be missing from a topic that was wiped, and nothing else', () => {
    const sinks = healthy();
    sinks.events = sinks.events.filter(({ eventId }) => eventId !== 'campaign-1');
    expect(check(history(), sinks, { topicsWiped: true })).toEqual([]);
    expect(check(history(), sinks)).not.toEqual([]);
  });

  it('allows bodies to be lost after a restore where the row says so, and nothing else', () => {
    const restored = (openedSha256: string) => {
      const sinks = healthy();
      sinks.stored[0] = { ...sinks.stored[0]!, openedSha256 };
      return check(history(), sinks, { bodiesLost: true }).map((anomaly) => `${anomaly.class} ${anomaly.key}`);
    };
    expect(restored(BODY_LOST)).toEqual([]);
    expect(restored(sha(8))).toEqual([`altered ${sha(1)}`]);
  });

  it('allows any order where events were held back on purpose, and nothing else', () => {
    const sinks = healthy();
    const n = sinks.events.findIndex(({ eventId }) => eventId === 'campaign-2');
    [sinks.events[n], sinks.events[n + 1]] = [sinks.events[n + 1]!, sinks.events[n]!];
    expect(check(history(), sinks, { outOfOrder: true })).toEqual([]);
    sinks.events.splice(n + 1, 1); // version 2
    expect(check(history(), sinks, { outOfOrder: true }).map((anomaly) => `${anomaly.class} ${anomaly.key}`)).toEqual(['skipped-version campaign.events c']);
  });

  it('misses a mail that was due, counts one that was planned twice, and bounds those in doubt', () => {
    const due = [{ kind: 'closing', recipientSha256: 'h' }];
    const closing = { dispatchId: 'd-2', kind: 'closing', subjectId: 'c', recipientSha256: 'h', lane: 'bulk', state: 'indeterminate', attempts: 1 };
    const found = (dispatches: (typeof closing)[], mostInDoubt?: number) => {
      const sinks = healthy();
      sinks.dispatches.push(...dispatches);
      return check(history(), sinks, { due, ...(mostInDoubt !== undefined && { mostInDoubt }) }).map((anomaly) => anomaly.class);
    };
    expect(found([])).toEqual(['not-mailed']);
    expect(found([closing])).toEqual([]);
    expect(found([closing, { ...closing, dispatchId: 'd-3' }])).toEqual(['mailed-twice']);
    // The receipt came twice, after its connection broke, and the closing may have come.
    expect(found([closing], 1)).toEqual([]);
    expect(found([closing], 0)).toEqual(['in-doubt']);
  });
});

interface Story {
  readonly filings: readonly { readonly tries: readonly ('lost' | 'taken-unanswered' | 'ok' | 'refused')[]; readonly receiptByMail: boolean }[];
  /** Order in which each place gives its rows. */
  readonly turn: number;
}

/** Nobody hears after a definite answer; a refusal comes only where nothing was taken before. */
const story: fc.Arbitrary<Story> = fc.record({
  filings: fc.array(fc.record({ tries: fc.array(fc.constantFrom('lost' as const, 'taken-unanswered' as const), { maxLength: 3 }), end: fc.constantFrom('ok' as const, 'refused' as const, 'given-up' as const), receiptByMail: fc.boolean() }), { minLength: 3, maxLength: 12 })
    .map((all) => all.map(({ tries, end, receiptByMail }) => ({ receiptByMail, tries: [...tries, ...(end === 'given-up' ? [] : [end === 'refused' && tries.includes('taken-unanswered') ? ('ok' as const) : end])] }))),
  turn: fc.nat(),
}).filter(({ filings }) => filings.some(({ tries }) => tries.includes('ok')));

/** What an honest system would hold after it. */
function played({ filings, turn }: Story): { told: Attempt[]; sinks: Mutable<Sinks>; acknowledged: number[] } {
  const told = filings.flatMap(({ tries, receiptByMail }, n) => tries.map((how) => ({ ...attempt(n, how === 'ok' ? 'ok' : how === 'refused' ? 'fail' : 'info'), receiptByMail })));
  const taken = filings.flatMap(({ tries }, n) => (tries.includes('ok') || tries.includes('taken-unanswered') ? [n] : []));
  const turned = taken.map((_, i) => taken[(i + turn) % taken.length]!);
  const all = () => turned.map((n) => ({ contributionId: `id-${n}`, bodySha256: sha(n), ...words(n) }));
  const sinks = healthy();
  const campaign = sinks.events.filter(({ key }) => key === 'c');
  const events = all().map((row) => ({ topic: 'contribution.events', key: row.contributionId, eventId: `event-${row.contributionId}`, type: 'contribution.submitted', version: 1, row }));
  const mailed = turned.filter((n) => filings[n]!.receiptByMail);
  Object.assign(sinks, {
    stored: all().map((row) => ({ ...row, openedSha256: row.bodySha256, receivedAt: RECEIVED })), events: [...campaign, ...events], inbox: new Set(events.map(({ eventId }) => eventId)),
    projected: all(), csv: all(), xlsx: all(), jsonl: all(), sealed: { accepted: taken.length, holds: true },
    dispatches: mailed.map((n) => ({ dispatchId: `d-${n}`, kind: 'receipt', subjectId: `id-${n}`, recipientSha256: `h-${n}`, lane: 'receipts', state: 'sent', attempts: 1 })),
    mails: mailed.map((n) => ({ messageId: `<d-${n}@x>`, recipientSha256: `h-${n}`, verdict: 'accepted', at: RECEIVED })),
  });
  return { told, sinks, acknowledged: filings.flatMap(({ tries }, n) => (tries.includes('ok') ? [n] : [])) };
}

const seeded: Readonly<Record<string, readonly [AnomalyClass, (sinks: Mutable<Sinks>, told: Attempt[], id: string, n: number) => unknown]>> = {
  'lost from the projection': ['lost', (s, _, id) => drop(s.projected, id)],
  'lost from the CSV': ['lost', (s, _, id) => drop(s.csv, id)],
  'never applied': ['lost', (s, _, id) => s.inbox.delete(`event-${id}`)],
  'twice in the JSONL': ['duplicate', (s, _, id) => s.jsonl!.push(s.jsonl!.find(({ contributionId }) => contributionId === id)!)],
  'twice in the record': ['duplicate', (s, _, id) => { s.stored.push(s.stored.find(({ contributionId }) => contributionId === id)!); s.sealed = { accepted: s.stored.length, holds: true }; }],
  'sent by nobody': ['phantom', (s) => s.xlsx!.push({ contributionId: 'id-99', bodySha256: sha(99) })],
  'other bytes': ['altered', (s, _, id) => { const i = s.stored.findIndex(({ contributionId }) => contributionId === id); s.stored[i] = { ...s.stored[i]!, openedSha256: sha(98) }; }],
  'its body, without a restore': ['altered', (s, _, id) => { const i = s.stored.findIndex(({ contributionId }) => contributionId === id); s.stored[i] = { ...s.stored[i]!, openedSha256: BODY_LOST }; }],
  'other words': ['altered', (s, _, id) => { const i = s.csv!.findIndex(({ contributionId }) => contributionId === id); s.csv![i] = { ...s.csv![i]!, body: 'x' }; }],
  'another receipt': ['unstable-receipt', (_, told, __, n) => told.push({ ...attempt(n, 'ok'), receiptByMail: told.find(({ key }) => key === `key-${n}`)!.receiptByMail, receipt: { ...receipt(n), filingNumber: 'other' } })],
  'at the closing': ['late-accepted', (s, told, id, n) => {
    const i = s.stored.findIndex(({ contributionId }) => contributionId === id);
    s.stored[i] = { ...s.stored[i]!, receivedAt: CLOSES };
    for (const [k, one] of told.entries()) if (one.key === `key-${n}` && one.receipt) told[k] = { ...one, receipt: { ...one.receipt, receivedAt: CLOSES } };
  }],
};

describe('the checker, of any history', () => {
  it('finds nothing where the system was honest', () => {
    fc.assert(fc.property(story, (one) => { const { told, sinks } = played(one); expect(check(told, sinks)).toEqual([]); }));
  });

  it.each(Object.entries(seeded))('finds what was %s, and that alone', (_what, [name, corrupt]) => {
    fc.assert(fc.property(story, fc.nat(), (one, pick) => {
      const { told, sinks, acknowledged } = played(one);
      const n = acknowledged[pick % acknowledged.length]!;
      corrupt(sinks, told, `id-${n}`, n);
      expect([...countByClass(check(told, sinks)).keys()]).toEqual([name]);
    }));
  });
});
