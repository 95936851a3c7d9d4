import { IntakeDigest } from '@cahier/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { cast } from '../campaign/cast.js';
import type { Mail } from '../evidence/mails.js';
import { receiptOf, type Answer, type Filed } from '../intake/history.js';
import { planOf } from '../intake/plan.js';
import type { Receipt } from '../intake/receipt.js';
import { requestBody } from '../intake/request-body.js';
import type { SampleFiling } from '../samples/sample.js';
import { sampleFilings } from '../samples/samples.js';
import { checkAll, checks } from './all.js';
import { holds } from './check.js';
import type { Evidence } from './evidence.js';
import { expectedOf, sha256 } from './expectation.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

const window = { opensAt: '2026-03-01T11:00:00.000Z', closesAt: '2026-03-01T11:00:30.000Z' };
const domain = 'example.org';

const receipt = (body: Buffer, n: number, receivedAt: string): Receipt => ({
  contributionId: randomUUID(), filingNumber: `2026-${String(n).padStart(6, '0')}-A`, receivedAt, bodySha256: sha256({ body }), managementToken: `token-${n}-${'x'.repeat(22)}`, responsibleService: cast().rules.responsibleService,
});

const refusal = (receivedAt: string): Answer => ({ kind: 'refused', status: 409, problem: { type: '/problems/campaign.not-open', ...window, receivedAt } });

/** What a faultless run of a few filings would leave behind. */
function faultless(filings: readonly SampleFiling[]): Mutable<Evidence> {
  const ids = new Map(filings.map(({ key }) => [key, randomUUID() as string]));
  const body = (sample: SampleFiling) => requestBody(planOf(sample, domain), { node: () => randomUUID(), contribution: (key) => ids.get(key as SampleFiling['key'])! });
  const file = (sample: SampleFiling, n: number): Filed => {
    const bytes = body(sample);
    const answer: Answer = { kind: 'accepted', receipt: { ...receipt(bytes, n, `2026-03-01T11:00:${String(10 + n).padStart(2, '0')}.000Z`), contributionId: ids.get(sample.key)! } };
    return { key: sample.key, sample, idempotencyKey: planOf(sample, domain).idempotencyKey, body: bytes, email: planOf(sample, domain).email, answers: n % 3 === 0 ? [answer, { ...answer }] : [answer] };
  };
  const filed = filings.map(file);
  const top = filings.find(({ on }) => !('filing' in on))!;
  const extra = (key: string, answer: (bytes: Buffer) => Answer): Filed => {
    const bytes = body(top);
    return { key, sample: top, idempotencyKey: key.padEnd(22, '-'), body: bytes, email: undefined, answers: [answer(bytes)] };
  };
  const edges = [extra('edge:1', (bytes) => ({ kind: 'accepted', receipt: receipt(bytes, 900, '2026-03-01T11:00:29.999Z') })), extra('edge:2', () => refusal(window.closesAt))];

  const expected = expectedOf({ filed, edges });
  const shown = () => expected.map(({ id, sha256: hash, kind, stance, title, body: words, section, receivedAt }) => ({ id, sha256: hash, kind, stance, title, body: words, section, receivedAt, status: 'filed' }));
  const digest = new IntakeDigest();
  for (const { id, sha256: hash } of [...expected].sort((one, other) => (one.id < other.id ? -1 : 1))) digest.add(id, hash, false);
  const counts = (nameOf: (one: (typeof expected)[number]) => string | undefined) => [...Map.groupBy(expected, nameOf)].map(([name, all]) => ({ name: name ?? null, contributions: all.length, distinctAddresses: 0 }));

  return {
    cast: cast(), window, firstWindow: window, extensions: 0, filed, edges,
    early: [{ key: filings[0]!.key, answer: refusal('2026-03-01T10:59:58.000Z') }],
    late: [extra('late:1', () => refusal('2026-03-01T11:00:31.000Z'))],
    stored: shown().map(({ id, sha256: hash, kind, stance, receivedAt, status }) => ({ id, sha256: hash, openedSha256: hash, kind, stance, receivedAt, status })),
    submitted: shown().map((one) => ({ ...one, eventId: randomUUID() })),
    projected: shown(), csv: shown(), xlsx: shown(), jsonl: shown(),
    pdfTotal: expected.length,
    files: ['report.pdf', 'contributions.csv', 'contributions.xlsx', 'contributions.jsonl', 'figures.json'].map((name) => ({ name, path: name, sha256: 'a', manifestSha256: 'a' })).concat([{ name: 'manifest.json', path: 'manifest.json', sha256: 'b', manifestSha256: undefined as unknown as string }]),
    figures: {
      contributions: expected.length, distinctAddresses: new Set(expected.flatMap(({ email }) => email ?? [])).size, withdrawn: 0, hidden: 0, zone: 'Europe/Paris',
      byDay: [{ day: '2026-03-01', contributions: expected.length, distinctAddresses: 0 }],
      byHour: [{ hour: '2026-03-01T12', contributions: expected.length, distinctAddresses: 0 }],
      bySection: counts(({ section }) => section).map(({ name, ...rest }) => ({ heading: name, ...rest })),
      byKind: counts(({ kind }) => kind).map(({ name, ...rest }) => ({ kind: name!, ...rest })),
      byStance: counts(({ stance }) => stance).map(({ name, ...rest }) => ({ stance: name, ...rest })),
    },
    seal: { campaignId: randomUUID(), closesAt: window.closesAt, accepted: expected.length, withdrawn: 0, digest: digest.hex() },
    ...mailed(mailsFor(expected)),
    links: cast().bodies.flatMap(({ members }) => members.map(({ email }) => ({ link: `report for ${email}` }))),
    deadLetters: [], leaks: [],
  };
}

function mailsFor(expected: readonly { id: string; email: string | undefined }[]): Mail[] {
  const mail = (to: string, link: string): Mail => ({ id: link, to, subject: link, messageId: `<${randomUUID()}@cahier.example>`, text: `Lien : http://127.0.0.1:1/${link}` });
  const { subscribers, bodies } = cast();
  const others = { confirms: 2, 'never-confirms': 0, 'confirms-then-unsubscribes': 1 };
  return [
    ...expected.flatMap(({ id, email }) => (email === undefined ? [] : [mail(email, `manage/${id}?token=t`)])),
    ...subscribers.flatMap(({ email, does }) => [mail(email, 'confirm?token=t'), ...Array.from({ length: others[does] }, () => mail(email, 'campaigns/c'))]),
    ...[...new Set(bodies.flatMap(({ members }) => members.map(({ email }) => email)))].map((email) => mail(email, 'reports/r?token=t')),
  ];
}

const mailed = (mails: Mail[]) => ({ mails, dispatches: mails.map(({ messageId }) => ({ kind: 'receipt', state: 'sent', attempts: 1, id: messageId.slice(1, 37) })) });

describe('the checks', () => {
  let filings: SampleFiling[];
  beforeAll(async () => {
    const all = await sampleFilings();
    const some = new Set(['proposal', 'evidence'].map((kind) => all.find((one) => one.kind === kind)!));
    for (const one of all.slice(0, 12)) some.add(one);
    for (const one of [...some]) if ('filing' in one.on) some.add(all.find(({ key }) => 'filing' in one.on && key === one.on.filing)!);
    for (const one of all) if (some.size < 20 && planOf(one, domain).email !== undefined && !('filing' in one.on)) some.add(one);
    filings = [...some];
  });
  const failing = (evidence: Evidence) => checkAll(evidence).filter((check) => !holds(check)).map(({ name }) => name);

  it('hold for a faultless run', () => {
    expect(failing(faultless(filings))).toEqual([]);
  });

  const other = 'f'.repeat(64);
  const anomalies: [what: string, seed: (evidence: Mutable<Evidence>) => void, seenBy: string][] = [
    ['a filing accepted before the opening', (e) => (e.early[0] = { ...e.early[0]!, answer: e.filed[0]!.answers[0]! }), 'Refused before the opening, with the instants'],
    ['an early refusal without the instants', (e) => (e.early[0] = { ...e.early[0]!, answer: { kind: 'refused', status: 409, problem: { type: '/problems/campaign.not-open' } } }), 'Refused before the opening, with the instants'],
    ['a filing of the sample that was refused', (e) => (e.filed[1] = { ...e.filed[1]!, answers: [refusal(window.closesAt)] }), 'Filings of the sample accepted'],
    ['a filing that was never answered', (e) => (e.filed[1] = { ...e.filed[1]!, answers: [{ kind: 'unknown', why: 'reset' }] }), 'Filings of the sample accepted'],
    ['a repeat with another receipt', (e) => (e.filed[0] = { ...e.filed[0]!, answers: [e.filed[0]!.answers[0]!, e.filed[1]!.answers[0]!] }), 'Repeated requests with one and the same receipt'],
    ['a late one that was accepted', (e) => (e.edges[0] = { ...e.edges[0]!, answers: [{ kind: 'accepted', receipt: { ...receiptOf(e.edges[0]!)!, receivedAt: window.closesAt } }] }), 'Around closing, judged by the instant of receipt'],
    ['one in time that was refused', (e) => (e.edges[1] = { ...e.edges[1]!, answers: [refusal('2026-03-01T11:00:29.999Z')] }), 'Around closing, judged by the instant of receipt'],
    ['an error instead of a refusal after closing', (e) => (e.late[0] = { ...e.late[0]!, answers: [{ kind: 'refused', status: 404, problem: {} }] }), 'Refused after closing, definitely'],
    ['a receipt for other bytes', (e) => (e.filed[1] = { ...e.filed[1]!, body: Buffer.from('{}') }), 'Receipts for the bytes sent, each with a number of its own'],
    ['a filing number given twice', (e) => (e.filed[1] = { ...e.filed[1]!, answers: [{ kind: 'accepted', receipt: { ...receiptOf(e.filed[1]!)!, filingNumber: receiptOf(e.filed[2]!)!.filingNumber } }] }), 'Receipts for the bytes sent, each with a number of its own'],
    ['a lost row', (e) => e.stored.splice(2, 1), 'Rows in PostgreSQL'],
    ['a phantom row', (e) => e.stored.push({ ...e.stored[0]!, id: randomUUID() }), 'Rows in PostgreSQL'],
    ['a body that does not open to what was sent', (e) => (e.stored[3] = { ...e.stored[3]!, openedSha256: other }), 'Stored bodies decrypted, equal to the bytes sent'],
    ['a lost event', (e) => e.submitted.pop(), 'Distinct events in Kafka'],
    ['two events for one contribution', (e) => e.submitted.push({ ...e.submitted[0]!, eventId: randomUUID() }), 'Distinct events in Kafka'],
    ['a contribution announced under two ids', (e) => e.submitted.push({ ...e.submitted[0]!, eventId: randomUUID() }), 'Event ids, one for each contribution'],
    ['a lost row of the projection', (e) => e.projected.shift(), 'Rows in the projection'],
    ['a doubled row of the CSV', (e) => e.csv.push(e.csv[0]!), 'Rows in the CSV'],
    ['a character lost in the CSV', (e) => (e.csv[0] = { ...e.csv[0]!, body: e.csv[0]!.body!.slice(1) }), 'Rows in the CSV'],
    ['a letter composed in the XLSX', (e) => (e.xlsx[0] = { ...e.xlsx[0]!, body: `${e.xlsx[0]!.body}\u0301` }), 'Rows in the XLSX'],
    ['a stance turned round in the JSONL', (e) => (e.jsonl[0] = { ...e.jsonl[0]!, stance: 'support' === e.jsonl[0]!.stance ? 'oppose' : 'support' }), 'Rows in the JSONL'],
    ['another total in the PDF', (e) => (e.pdfTotal = 7), 'Total read out of the PDF'],
    ['a filing counted in another section', (e) => move(e.figures.bySection), 'By section'],
    ['a filing counted as another kind', (e) => move(e.figures.byKind), 'By kind'],
    ['a stance counted wrongly', (e) => move(e.figures.byStance), 'By stance'],
    ['a row of another day', (e) => e.jsonl.splice(0, 1), 'By day of 2015, of the rows listed'],
    ['an hour with one too few', (e) => (e.figures.byHour[0]!.contributions -= 1), 'By day and hour of receipt'],
    ['one address too many', (e) => (e.figures.distinctAddresses += 1), 'Distinct declared addresses'],
    ['a seal with another count', (e) => (e.seal = { ...e.seal!, accepted: 3 }), 'Seal recomputed from PostgreSQL and from the JSONL'],
    ['a seal over other rows', (e) => (e.seal = { ...e.seal!, digest: other }), 'Seal recomputed from PostgreSQL and from the JSONL'],
    ['no seal', (e) => (e.seal = undefined), 'Seal recomputed from PostgreSQL and from the JSONL'],
    ['a file changed after the manifest', (e) => (e.files[1] = { ...e.files[1]!, sha256: 'c' }), 'Files with the hashes of the manifest'],
    ['a file that the manifest does not name', (e) => e.files.shift(), 'Files with the hashes of the manifest'],
    ['a receipt sent twice', (e) => e.mails.push({ ...e.mails[0]!, messageId: '<again@cahier.example>' }), 'Receipts by mail, one per filing with an address'],
    ['a receipt to somebody else', (e) => (e.mails[0] = { ...e.mails[0]!, to: 'rapporteur@example.org' }), 'Receipts by mail, one per filing with an address'],
    ['a member without the report', (e) => e.mails.pop(), 'Report in the mailboxes of the steering bodies'],
    ['the report twice to the person in both bodies', (e) => e.mails.push({ ...e.mails.find(({ to, text }) => to.startsWith('rapporteur') && text.includes('reports'))!, messageId: '<two@cahier.example>' }), 'Report in the mailboxes of the steering bodies'],
    ['news for somebody who never confirmed', (e) => e.mails.push({ ...e.mails.at(-1)!, to: 'indecis@example.org', messageId: '<news@cahier.example>' }), 'Mails to subscribers, none beyond the first to the unconfirmed'],
    ['a link that leads nowhere', (e) => (e.links[0] = { ...e.links[0]!, problem: 'GET /reports/1: 404' }), 'Links of reports and receipts, followed'],
    ['one Message-ID twice', (e) => (e.mails[0] = { ...e.mails[0]!, messageId: e.mails[1]!.messageId }), 'Mails, each with a Message-ID of its own'],
    ['a mail sent twice without doubt', (e) => e.mails.push(e.mails[0]!), 'Mails, each with a Message-ID of its own'],
    ['a dispatch left in doubt', (e) => (e.dispatches[0] = { ...e.dispatches[0]!, state: 'sending' }), 'Dispatches sent, each with its mail'],
    ['a dispatch said to be sent that was not', (e) => e.mails.shift(), 'Dispatches sent, each with its mail'],
    ['a dead letter', (e) => e.deadLetters.push('reporting-service: contribution.events/0/7 Error'), 'Dead letters'],
    ['an address in a log', (e) => e.leaks.push('contribution-service.log line 7'), 'Addresses of the public in logs and events'],
  ];

  it.each(anomalies)('see %s', (_, seed, seenBy) => {
    const evidence = faultless(filings);
    seed(evidence);
    expect(failing(evidence)).toContain(seenBy);
  });

  it('allow a mail to come again, under its Message-ID, where a crash left it in doubt', () => {
    const evidence = faultless(filings);
    evidence.mails.push(evidence.mails[0]!);
    evidence.dispatches[0] = { ...evidence.dispatches[0]!, attempts: 2 };
    expect(failing(evidence)).toEqual([]);
  });

  it('were each seen to fail', () => {
    const all = checkAll(faultless(filings)).map(({ name }) => name);
    expect(new Set(all)).toEqual(new Set(anomalies.map(([, , seenBy]) => seenBy)));
    expect(all).toHaveLength(checks.length);
  });

  it('name what differs by the keys of the source', () => {
    const evidence = faultless(filings);
    const [lost] = evidence.stored.splice(0, 1);
    const key = evidence.filed.find((one) => receiptOf(one)?.contributionId === lost!.id)!.key;
    expect(checkAll(evidence).flatMap(({ differences }) => differences)).toContain(`lost: ${key}`);
  });
});

function move(groups: { contributions: number }[]): void {
  groups[0]!.contributions -= 1;
  groups[1]!.contributions += 1;
}
