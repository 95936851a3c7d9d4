import { randomUUID } from 'node:crypto';
import { audience, contributionKind, contributionSubmitted, publicationPreference, stance } from '@cahier/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openBody } from '../contributions/sealed-body.js';
import { heardCampaign, startService, stored, type Json, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

/** Any text of whole characters, but for U+0000: grapheme clusters, unassigned ones, line breaks, JSON's own. */
const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength }).map((value) => `${value.replaceAll('\0', '')}.`);
const line = (maxLength: number) => text(maxLength).map((value) => value.replace(/\p{Cc}/gu, ''));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const anyBody = fc.record({
  kind: fc.constantFrom(...contributionKind.options.filter((kind) => kind !== 'evidence')),
  targets: fc.array(fc.record({ type: fc.constantFrom('section', 'paragraph'), id: fc.uuid(), quote: optional(text(50)) }), { maxLength: 10 }),
  stance: optional(fc.constantFrom(...stance.options)), title: optional(line(100)), body: text(300), proposedWording: optional(text(100)),
  audience: optional(fc.constantFrom(...audience.options)), organisation: optional(line(50)), language: optional(fc.constantFrom('fr', 'en')),
  publication: fc.constantFrom(...publicationPreference.options).chain((preference) => fc.record({ preference: fc.constant(preference), authorName: preference === 'named' ? line(50) : fc.constant(undefined) })),
}, { noNullPrototype: true }).map((body) => JSON.parse(JSON.stringify(body)) as Record<string, Json>);

/** Ways to spoil a valid body; each makes it one that no rule allows. */
const spoil: readonly ((body: Record<string, Json>, json: string) => string)[] = [
  (body) => JSON.stringify({ ...body, status: 'hidden' }),
  (body) => JSON.stringify({ ...body, publication: { ...body['publication'], moderated: true } }),
  (body) => JSON.stringify({ ...body, targets: [...body['targets'], { type: 'section', id: randomUUID(), x: 1 }].slice(-10) }),
  (body) => JSON.stringify({ ...body, body: [body['body']] }),
  (body) => JSON.stringify({ ...body, kind: { toString: 'proposal' } }),
  (body) => JSON.stringify({ ...body, body: undefined }),
  (body) => JSON.stringify({ ...body, body: `${body['body']}\0` }),
  (body) => JSON.stringify({ ...body, targets: body['targets'].length }),
  (body) => JSON.stringify({ ...body, language: 'FR' }),
  (body) => JSON.stringify([body]),
  (_, json) => json.replace('{', '{"__proto__":{"x":1},'),
  (_, json) => json.replace('{', '{"constructor":{"prototype":{"x":1}},'),
  (_, json) => json.replace('{', '{"kind":"proposal",'),
  (_, json) => json.replace('"body":"', '"body":"\\ud800'),
  (_, json) => json.replace('{', `{"depth":${'['.repeat(100)}${']'.repeat(100)},`),
  (_, json) => `\ufeff${json}`,
  (_, json) => json.slice(0, -1),
  (_, json) => `${json}${json}`,
  (_, json) => json.replace('{', '{"n":1e400,'),
];

describe('any body', () => {
  it('is stored exactly', async () => {
    const { campaignId } = await heardCampaign(service);
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const sent = Buffer.from(JSON.stringify(body));
        const reply = await service.file(campaignId, sent);
        expect([reply.status, reply.text.slice(0, 0)]).toEqual([201, '']);
        const [row] = await service.db.query<Json[]>('SELECT * FROM contribution WHERE contribution_id = $1', [reply.body.contributionId]);
        const [{ envelope }] = await service.db.query<[{ envelope: string }]>('SELECT envelope FROM outbox WHERE key = $1', [reply.body.contributionId]);
        const { classification, text: words } = contributionSubmitted.data.parse(JSON.parse(envelope).data) as { classification: Json; text: Json };
        expect(openBody(service.config.BODY_KEYS, row.contribution_id, row.body_sealed).equals(sent)).toBe(true);
        expect({ classification: row.classification, text: row.text }).toEqual({ classification, text: words });
        const { targets, publication, kind, stance: position, audience: capacity, language = 'fr', ...rest } = body;
        expect(JSON.parse(JSON.stringify({ kind, targets, publication, stance: position, audience: capacity, language, ...rest }))).toEqual({
          ...classification,
          targets: classification.targets.map((target: object, index: number) => ({ ...target, ...(words.quotes[index] !== null && { quote: words.quotes[index] }) })),
          publication: { preference: classification.publication, ...(words.authorName !== undefined && { authorName: words.authorName }) },
          ...Object.fromEntries(Object.entries(words).filter(([name]) => !['quotes', 'authorName'].includes(name))),
        });
      }),
      { numRuns: 150 },
    );
  });

  it('is refused when it is spoilt, and nothing changes', async () => {
    const { campaignId } = await heardCampaign(service);
    await fc.assert(
      fc.asyncProperty(anyBody, fc.constantFrom(...spoil), async (body, how) => {
        const reply = await service.file(campaignId, how(body, JSON.stringify(body)));
        expect([reply.status, how.toString()]).toEqual([400, how.toString()]);
        expect(reply.headers['content-type']).toMatch('application/problem+json');
      }),
      { numRuns: 300 },
    );
    expect(await stored(service.db, campaignId)).toEqual({ contributions: [], events: [] });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    ['a label of another charset', { 'content-type': 'application/json; charset=latin1' }, 400],
    ['another content type', { 'content-type': 'text/plain' }, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['a content coding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
  ])('is refused with %s', async (_, headers, status) => {
    const { campaignId } = await heardCampaign(service);
    const payload = status === 400 && headers['content-type'].includes('form') ? 'kind=proposal&body=x' : JSON.stringify({ kind: 'proposal', targets: [], body: 'x', publication: { preference: 'anonymous' } });
    const reply = await service.request('POST', `/campaigns/${campaignId}/contributions`, { headers: { ...headers, 'idempotency-key': randomUUID() }, payload });
    expect(reply.status).toBe(status);
    expect((await stored(service.db, campaignId)).contributions).toEqual([]);
  });

  it('is refused when it is too large, or not UTF-8', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.file(campaignId, `{"body":"${'a'.repeat(256 * 1024)}"}`)).status).toBe(413);
    expect((await service.file(campaignId, Buffer.from([...Buffer.from('{"kind":"proposal","targets":[],"body":"'), 0xc3, 0x28, ...Buffer.from('","publication":{"preference":"anonymous"}}')]))).status).toBe(400);
    expect((await stored(service.db, campaignId)).contributions).toEqual([]);
  });
});
