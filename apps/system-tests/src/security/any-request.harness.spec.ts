import { audience, contributionKind, publicationPreference, stance } from '@cahier/contracts';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { Attack, Json, Reply, Target } from './target.js';

/** A route that stores what it is sent: its valid bodies, and how to read back what it stored. */
export interface Route {
  readonly name: string;
  readonly bodies: fc.Arbitrary<object>;
  send(target: Target, attack: Attack): Promise<Reply>;
  /** What is stored after a 2xx, in the shape of the body. */
  stored(target: Target, reply: Reply, body: Json): Promise<unknown>;
  /** The same shape, of what was sent: defaults filled in. */
  meant(body: Json): unknown;
}

/** Any text of whole characters, but for U+0000. */
const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength }).map((value) => `${value.replaceAll('\0', '')}.`);
const line = (maxLength: number) => text(maxLength).map((value) => value.replace(/\p{Cc}/gu, ''));
const heading = fc.record({ fr: line(50), en: line(50) }, { noNullPrototype: true });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Nobody's yet: a second request for one address changes nothing of the first. */
let people = 0;
const address = fc.nat().map((n) => `${n}-${++people}@example.org`);
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

const contribution = fc.record({
  kind: fc.constantFrom(...contributionKind.options.filter((kind) => kind !== 'evidence')), targets: fc.constant([]),
  stance: optional(fc.constantFrom(...stance.options)), title: optional(line(100)), body: text(300), proposedWording: optional(text(100)),
  audience: optional(fc.constantFrom(...audience.options)), organisation: optional(line(50)), language: optional(fc.constantFrom('fr', 'en')),
  publication: fc.constantFrom(...publicationPreference.options).chain((preference) => fc.record({ preference: fc.constant(preference), authorName: preference === 'named' ? line(50) : fc.constant(undefined) }, { noNullPrototype: true })),
  contact: optional(fc.record({ email: address, consent: fc.constant(true as const) }, { noNullPrototype: true })),
}, { noNullPrototype: true });

const zoned = { zone: fc.constant('Europe/Paris'), opensAtLocal: fc.constant('2031-03-01T09:00'), closesAtLocal: fc.constant('2031-04-01T09:00') };

/** @param given ids that bodies may name. */
export function routes(given: { readonly editionId: string; readonly programmeId: string; readonly steeringBodyId: string; readonly manager: string }): Route[] {
  const staff = (path: string, method = 'POST') => (target: Target, attack: Attack): Promise<Reply> => target.ask('campaign-service', path, { ...attack, method, token: given.manager });
  const row = (sql: string, id: (reply: Reply) => string) => async (target: Target, reply: Reply): Promise<unknown> => (await target.rows<{ stored: unknown }>('campaign-service', sql, [id(reply)]))[0]?.stored;
  return [
    {
      name: 'a contribution', bodies: contribution, meant: ({ contact: _, language = 'fr', ...rest }) => plain({ language, ...rest }),
      send: (target, attack) => target.ask('contribution-service', `/campaigns/${target.campaignId}/contributions`, { ...attack, method: 'POST', headers: { 'idempotency-key': randomUUID(), ...attack.headers } }),
      stored: async (target, { json: { contributionId, managementToken } }) => {
        const { json: { classification: { publication, ...classification }, text: { quotes: _, authorName, ...words } } } = await target.ask('contribution-service', `/contributions/${contributionId}`, { token: managementToken });
        return plain({ ...classification, ...words, publication: { preference: publication, authorName } });
      },
    },
    {
      name: 'a subscription', bodies: fc.record({ email: address, language: optional(fc.constantFrom('fr', 'en')), consent: fc.constant(true as const) }, { noNullPrototype: true }),
      meant: ({ language = 'fr', email }) => ({ address: email, language }),
      send: (target, attack) => target.ask('notification-service', '/subscriptions', { ...attack, method: 'POST' }),
      stored: async (target, _reply, { email }) => (await target.rows('notification-service', 'SELECT address, language FROM subscription WHERE recipient = $1', [String(email).toLowerCase()]))[0],
    },
    {
      name: 'a steering body', bodies: fc.record({ code: fc.stringMatching(/^[A-Z0-9][A-Z0-9-]{9,28}$/), name: heading }, { noNullPrototype: true }), meant: plain, send: staff('/staff/steering-bodies'),
      stored: row(`SELECT jsonb_build_object('code', code, 'name', name) AS stored FROM steering_body WHERE steering_body_id = $1`, ({ json }) => json.steeringBodyId),
    },
    {
      name: 'a member', bodies: fc.record({ name: line(80), email: address, language: fc.constantFrom('fr', 'en') }, { noNullPrototype: true }), meant: plain, send: staff(`/staff/steering-bodies/${given.steeringBodyId}/members`),
      stored: row(`SELECT jsonb_build_object('name', name, 'email', email, 'language', language) AS stored FROM member WHERE member_id = $1`, ({ json }) => json.memberId),
    },
    {
      name: 'a programme', bodies: fc.record({ title: heading }, { noNullPrototype: true }), meant: plain, send: staff('/staff/programmes'),
      stored: row(`SELECT jsonb_build_object('title', title) AS stored FROM programme WHERE programme_id = $1`, ({ json }) => json.programmeId),
    },
    {
      name: 'an edition', bodies: fc.record({ year: fc.integer({ min: 1900, max: 2999 }), label: heading }, { noNullPrototype: true }), meant: ({ predecessorEditionId: _, ...rest }) => plain(rest), send: staff(`/staff/programmes/${given.programmeId}/editions`),
      stored: row(`SELECT jsonb_build_object('year', year, 'label', label) AS stored FROM edition WHERE edition_id = $1`, ({ json }) => json.editionId),
    },
    {
      name: 'a campaign', meant: ({ reminderHoursBeforeClosing = [], audiences = [], steeringBodyIds = [], zone = null, opensAtLocal = null, closesAtLocal = null, presentation = null, rules = null, ...rest }) => plain({ ...rest, reminderHoursBeforeClosing, audiences, steeringBodyIds, zone, opensAtLocal, closesAtLocal, presentation, rules }),
      bodies: fc.record({ editionId: fc.constant(given.editionId), title: heading, kind: fc.constant('consultation'), presentation: optional(heading), audiences: fc.subarray(['citizen', 'association', 'institution']), reminderHoursBeforeClosing: fc.uniqueArray(fc.integer({ min: 1, max: 2_160 }), { maxLength: 5 }), ...zoned }, { noNullPrototype: true }),
      send: staff('/staff/campaigns'),
      stored: async (target, { json: { campaignId } }) => {
        const { campaignId: _, state: __, version: ___, opensAt: ____, closesAt: _____, ...rest } = (await target.ask('campaign-service', `/staff/campaigns/${campaignId}`, { token: given.manager })).json;
        return rest as unknown;
      },
    },
    // What these change is another campaign's life; here they only refuse.
    ...(['schedule', 'reschedule', 'extend', 'cancel'] as const).map((action): Route => ({
      name: action, send: (target, attack) => staff(`/staff/campaigns/${target.campaignId}/${action}`)(target, { ...attack, headers: { 'if-match': '"0"', ...attack.headers } }), meant: plain, stored: async () => undefined,
      bodies: fc.record({ ...(action !== 'cancel' && { closesAtLocal: zoned.closesAtLocal }), ...(action.includes('schedule') && { zone: zoned.zone, opensAtLocal: zoned.opensAtLocal }), ...(!action.includes('schedule') && { reason: text(50) }) }, { noNullPrototype: true }),
    })),
  ];
}

/** What stands in a body, with the way to it. */
function places(value: Json, path: (string | number)[] = []): { path: (string | number)[]; value: Json }[] {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value as object).flatMap(([name, member]) => places(member, [...path, Array.isArray(value) ? Number(name) : name])) : [];
  return [{ path, value }, ...inside];
}

function replaced(body: Json, path: readonly (string | number)[], make: (value: Json) => unknown): Json {
  const [first, ...rest] = path;
  if (first === undefined) return make(body);
  const copy = Array.isArray(body) ? [...body] : { ...body };
  copy[first] = replaced(copy[first], rest, make);
  return copy;
}

const HOSTILE = [
  '', ' ', 'a'.repeat(60_000), "'; DROP TABLE campaign; --", '{{constructor}}', '<script>alert(1)</script>', '\u202eabc', `e${'\u0301'.repeat(500)}`, '=1+1', 'x\r\nBcc: y@example.org', '../../etc/passwd', '%00', '\ufffe', 'javascript:alert(1)', '2031-02-30T25:99', 'Europe/Nowhere',
  0, -1, 1.5, 2 ** 53, 1e300, null, true, [], {}, randomUUID(), randomUUID().toUpperCase(),
] as const;

export interface Spoilt extends Attack {
  readonly how: string;
  /** No rule allows it. */
  readonly isWrong: boolean;
}

type Mutator = (body: Json, at: <T>(of: readonly T[]) => T) => Omit<Spoilt, 'how'>;

const wrong = (body: unknown, headers: Record<string, string> = {}): Omit<Spoilt, 'how'> => ({ body, headers: { 'content-type': 'application/json', ...headers }, isWrong: true });
const json = (value: unknown): string => JSON.stringify(value);
const objects = (body: Json) => places(body).filter(({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value));
const leaves = (body: Json) => places(body).filter(({ value }) => typeof value !== 'object' || value === null);
const texts = (body: Json) => leaves(body).filter(({ value }) => typeof value === 'string');
/** Where a member's text begins in the JSON of a body that has none of its characters elsewhere. */
const marked = (body: Json, path: readonly (string | number)[], raw: string): string => json(replaced(body, path, () => '\u{10ABCD}')).replace('"\u{10ABCD}"', raw);

/** Ways to spoil a valid body, by the classes of docs/security.md. */
const MUTATORS: Readonly<Record<string, Mutator>> = {
  'one more property': (body, at) => wrong(json(replaced(body, at(objects(body)).path, (value) => ({ ...value, [at(['status', 'id', 'moderated', 'version', 'toString', 'é'])]: 1 })))),
  'an object’s own name': (body, at) => wrong(marked({ ...body, [at(['__proto_', 'x'])]: 1 }, [], `{${at(['"__proto__"', '"constructor"', '"prototype"', '"\\u005f_proto__"'])}:{"x":1},${json(body).slice(1)}`)),
  'a name twice': (body) => wrong(`{${json(Object.keys(body as object)[0])}:1,${json(body).slice(1)}`),
  'a list for a value': (body, at) => wrong(json(replaced(body, at(leaves(body)).path, (value) => [value]))),
  'an object for a value': (body, at) => wrong(json(replaced(body, at(leaves(body)).path, (value) => ({ toString: value, length: 1 })))),
  'U+0000 in a text': (body, at) => wrong(json(replaced(body, at(texts(body)).path, (value) => `${value}\0`))),
  'half a character': (body, at) => wrong(marked(body, at(texts(body)).path, '"x\\ud800"')),
  'a number beyond numbers': (body, at) => wrong(marked(body, at(leaves(body)).path, '1e400')),
  'a hundred levels': (body, at) => wrong(marked(body, at(leaves(body)).path, `${'['.repeat(100)}${']'.repeat(100)}`)),
  'a byte order mark': (body) => wrong(`\ufeff${json(body)}`),
  'half of it': (body) => wrong(json(body).slice(0, -1)),
  'twice': (body) => wrong(`${json(body)}${json(body)}`),
  'a list around it': (body) => wrong(json([body])),
  'no UTF-8': (body, at) => wrong(Buffer.from(marked(body, at(texts(body)).path, '"é"'), 'latin1')),
  'another charset': (body) => wrong(json(body), { 'content-type': `application/json; charset=utf-16` }),
  'another type': (body) => wrong(json(body), { 'content-type': 'text/plain' }),
  'a coding': (body) => wrong(json(body), { 'content-encoding': 'gzip' }),
  'something missing': (body, at) => ({ body: replaced(body, at(objects(body)).path, (value) => Object.fromEntries(Object.entries(value as object).slice(1))), isWrong: false }),
  'something else': (body, at) => ({ body: replaced(body, at(leaves(body)).path, () => at(HOSTILE)), isWrong: false }),
};

/** A body as it is, or spoilt; two in ten are valid. */
export function anyRequest(campaignId: string, all: readonly Route[]): fc.Arbitrary<{ route: Route; sent: Json; spoilt: Spoilt | undefined }> {
  const picks = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
  return fc.constantFrom(...all).chain((route) => fc.record({ body: route.bodies, how: fc.constantFrom(...Object.keys(MUTATORS), ...new Array<undefined>(5).fill(undefined)), picks }).map(({ body, how, picks: numbers }) => {
    const sent = plain(route.name === 'a subscription' ? { ...body, campaignId } : body);
    let next = 0;
    const at = <T>(of: readonly T[]): T => of[numbers[next++ % numbers.length]! % of.length]!;
    return { route, sent, spoilt: how === undefined ? undefined : { how, ...MUTATORS[how]!(sent, at) } };
  }));
}
