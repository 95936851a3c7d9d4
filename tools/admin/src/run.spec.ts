import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

/** The command line against an entry that plays the services: what is asked, what is printed, how it ends. */

const ID = '0190a6c2-7d5e-7c3a-9f10-2b6f0c1d2e3f';
const letter = (changes: object = {}) => ({
  deadLetterId: ID, topic: 'campaign.events', partition: 1, offset: '42', eventId: null, eventType: 'campaign.opened.v1', bytes: 900, cause: 'TypeError at x.ts:1', attempts: 5, state: 'open',
  failedAt: '2026-11-27T03:01:02.000Z', settledAt: null, settledBy: null, reason: null, ...changes,
});

let server: Server;
let entry: string;
let asked: { request: string; token: string | undefined; body: string }[];
let answers: Record<string, unknown>;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
      const what = `${request.method} ${request.url}`;
      asked.push({ request: what, token: request.headers.authorization, body });
      const answer = answers[what];
      if (answer === 'hang up') return request.socket.destroy();
      const { status = 200, ...rest } = (answer ?? { status: 404, type: '/problems/request.not-found', title: 'Unknown address' }) as { status?: number };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.write('\n');
      return response.end(status === 204 ? '' : JSON.stringify(status === 200 ? rest : { status, ...rest }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  entry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => { await new Promise((resolve) => server.close(resolve)); });
beforeEach(() => {
  asked = [];
  answers = {};
});

async function admin(line: string, { answer, environment = {} }: { answer?: string; environment?: Record<string, string> } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(line.split(' ').map((word) => word.replaceAll('_', ' ')), {
    out: (text) => out.push(text), err: (text) => err.push(text), isInteractive: answer !== undefined, ask: async (question) => { err.push(question); return answer ?? ''; },
    environment: { CAHIER_ENTRY: entry, CAHIER_TOKEN: 'token', ...environment },
  });
  return { code, out: out.join('\n'), err: err.join('\n'), json: () => JSON.parse(out.join('')) as unknown };
}

const up = (figures: Record<string, number | null>) => ({ ready: true, parts: { database: 'up' }, figures });
const healthy = {
  'GET /campagnes/staff/status': up({ 'outbox-age-seconds': 0, 'dead-letters': 0 }),
  'GET /contributions/staff/status': up({ 'outbox-age-seconds': 0, 'dead-letters': 0, 'consumer-lag-messages': 3 }),
  'GET /courriers/staff/status': up({ 'outbox-age-seconds': 0, 'dead-letters': 0, 'consumer-lag-messages': 0, 'mails-pending': 12 }),
  'GET /rapports/staff/status': up({ 'outbox-age-seconds': 0, 'dead-letters': 0, 'consumer-lag-messages': 0 }),
};

describe('status', () => {
  it('is one table, and 0 while nothing needs anybody', async () => {
    answers = healthy;
    const { code, out } = await admin('status');
    expect(out).toBe(`service               ready  outbox  lag  dead letters  what waits
campaign-service      yes    0 s     –    0             –
contribution-service  yes    0 s     3    0             –
notification-service  yes    0 s     0    0             mails-pending 12
reporting-service     yes    0 s     0    0             –

Nothing needs you.`);
    expect(code).toBe(0);
    expect(asked.map(({ token }) => token)).toEqual(Array.from({ length: 4 }, () => 'Bearer token'));
  });

  it('is 1 where something needs somebody, and says what', async () => {
    answers = {
      ...healthy,
      'GET /campagnes/staff/status': { ready: false, parts: { database: 'down' }, figures: { 'outbox-age-seconds': 61, 'dead-letters': 0 } },
      'GET /courriers/staff/status': up({ 'outbox-age-seconds': 60, 'dead-letters': 2, 'consumer-lag-messages': null, 'mails-indeterminate': 1 }),
    };
    const { code, out } = await admin('status');
    expect(out.split('\n\n')[1]).toBe(`! campaign-service is not ready: database down
! campaign-service: outbox-age-seconds 61
! notification-service cannot tell its consumer-lag-messages: what it would ask does not answer
! notification-service: dead-letters 2
! notification-service: mails-indeterminate 1`);
    expect(code).toBe(1);
  });

  it('is 3 where a service does not answer, and tells of the others all the same', async () => {
    answers = { ...healthy, 'GET /rapports/staff/status': 'hang up' };
    const { code, out } = await admin('status');
    expect(out).toContain('! reporting-service does not answer at');
    expect(out).toContain('contribution-service  yes');
    expect(code).toBe(3);
  });
});

describe('what cannot be undone', () => {
  const discard = `dead-letters discard campaign ${ID} --reason test_campaign`;
  const done = () => asked.filter(({ request }) => request.startsWith('POST'));
  beforeEach(() => {
    answers = {
      [`GET /campagnes/staff/dead-letters/${ID}`]: letter(),
      [`POST /campagnes/staff/dead-letters/${ID}/discard`]: letter({ state: 'discarded', settledAt: '2026-11-27T03:09:00.000Z', settledBy: 'op', reason: 'test campaign' }),
    };
  });

  it('is not done without a terminal or --yes', async () => {
    const { code, err } = await admin(discard);
    expect([code, done()]).toEqual([2, []]);
    expect(err).toBe('campaign-service will never handle this campaign.opened.v1. Nobody is here to confirm it: add --yes.');
  });

  it.each(['', 'y', 'no'])('is not done when somebody answers %p', async (answer) => {
    const { code, err } = await admin(discard, { answer });
    expect([code, done()]).toEqual([2, []]);
    expect(err).toMatch(/Type "yes" to go on: \nNothing was done\.$/);
  });

  it('is done when somebody types yes, or said so before', async () => {
    expect(await admin(discard, { answer: 'yes' })).toMatchObject({ code: 0, out: expect.stringContaining('by op: test campaign') });
    expect(await admin(`${discard} --yes`)).toMatchObject({ code: 0, err: '' });
    expect(done().map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ reason: 'test campaign' }, { reason: 'test campaign' }]);
  });

  it.each([`mails resend ${ID}`, 'retention run', 'projection rebuild'])('nor is %s', async (line) => {
    expect(await admin(line)).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(asked).toEqual([]);
  });
});

describe('a refusal', () => {
  it('is 1, in the words of the service, with the trace to quote', async () => {
    answers = { [`POST /campagnes/staff/dead-letters/${ID}/replay`]: { status: 409, type: '/problems/dead-letter.replay-failed', title: 'The message fails again', detail: 'Cause: TypeError', traceId: 'abc' } };
    expect(await admin(`dead-letters replay campaign-service ${ID}`)).toMatchObject({ code: 1, out: '', err: 'campaign-service: The message fails again. Cause: TypeError (dead-letter.replay-failed, trace abc)' });
  });

  it('because something behind the service is away is 3', async () => {
    answers = { 'GET /rapports/staff/reports?limit=20': { status: 503, type: '/problems/service.unavailable', title: 'Unavailable' } };
    expect((await admin('reports list')).code).toBe(3);
  });

  it('to answer as expected is 1', async () => {
    answers = { 'GET /rapports/staff/reports?limit=20': { things: [] } };
    expect(await admin('reports list')).toMatchObject({ code: 1, err: expect.stringContaining('of the same version') });
  });
});

describe('a command line that is wrong', () => {
  it.each([
    'stats', 'status --bogus', 'dead-letters', 'dead-letters list', 'dead-letters list kafka', 'dead-letters list campaign --state lost', 'dead-letters list campaign --limit 0', 'dead-letters show campaign 42',
    'dead-letters replay campaign', `dead-letters replay campaign ${ID} --all`, `dead-letters discard campaign ${ID} --yes`, 'reports compare', 'audit --since yesterday', 'audit --campaign x', `mails resend ${ID} x`,
    'republish reporting --after-loss --yes', 'status --against nowhere',
  ])('%s', async (line) => {
    expect(await admin(line)).toMatchObject({ code: 2, out: '' });
    expect(asked).toEqual([]);
  });

  it.each(['--help', 'help', 'dead-letters --help', 'help mails', 'projection rebuild --help'])('is none: %s', async (line) => {
    const { code, out, err } = await admin(line);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: admin/);
  });
});

describe('dead letters', () => {
  it('that wait make the list end with 1; for programs it is JSON', async () => {
    const all = { deadLetters: [letter(), letter({ eventType: null })], nextCursor: ID };
    answers = { 'GET /courriers/staff/dead-letters?state=open&limit=20': all, 'GET /courriers/staff/dead-letters?limit=2': { deadLetters: [letter({ state: 'discarded' })] }, 'GET /courriers/staff/dead-letters?state=replayed&limit=20': { deadLetters: [] } };
    const { code, out } = await admin('dead-letters list notification');
    expect([code, out.split('\n').at(-1)]).toEqual([1, `More: --cursor ${ID}`]);
    expect(out).toContain(`${ID}  open   2026-11-27 03:01:02Z  5         unreadable          TypeError at x.ts:1`);
    expect((await admin('dead-letters list notification --json')).json()).toEqual(all);
    expect((await admin('dead-letters list notification-service --state all --limit 2')).code).toBe(0);
    expect(await admin('dead-letters list notification --state replayed')).toMatchObject({ code: 0, out: 'No dead letters of notification-service are replayed.' });
  });

  it('are replayed one by one; one that fails again keeps nobody from the others', async () => {
    const other = ID.replace('0190', '0191');
    answers = {
      'GET /rapports/staff/dead-letters?state=open&limit=100': { deadLetters: [letter(), letter({ deadLetterId: other })] },
      [`POST /rapports/staff/dead-letters/${ID}/replay`]: { status: 409, type: '/problems/dead-letter.replay-failed', title: 'Again' },
      [`POST /rapports/staff/dead-letters/${other}/replay`]: letter({ deadLetterId: other, state: 'replayed' }),
    };
    expect((await admin('dead-letters replay reporting --all --json')).json()).toEqual({ replayed: [other], failedAgain: [ID] });
    expect(await admin('dead-letters replay reporting --all')).toMatchObject({ code: 1, out: '1 handled, 1 failed again.' });
  });
});

describe('comparing a report', () => {
  const file = { name: 'report.pdf', recorded: 'a'.repeat(64), stored: 'a'.repeat(64), madeAgain: 'a'.repeat(64) };
  const answered = (answer: object) => { answers = { [`POST /rapports/staff/reports/${ID}/compare`]: { cause: null, ...answer } }; };

  it('ends with 0 where it is the same', async () => {
    answered({ outcome: 'identical', files: [file] });
    expect(await admin(`reports compare ${ID}`)).toMatchObject({ code: 0, out: expect.stringMatching(/report\.pdf {2}a{16} +the same +the same\nIdentical\.$/) });
  });

  it('ends with 1 on any difference', async () => {
    answered({ outcome: 'different', files: [{ ...file, stored: null }] });
    expect(await admin(`reports compare ${ID}`)).toMatchObject({ code: 1, out: expect.stringMatching(/missing +the same\nDifferent\.$/) });
  });
});

describe('audit', () => {
  const line = (at: string, subject: string) => ({ at, subject, action: 'campaign.edit', targetId: ID, campaignId: ID, traceId: null });

  it('is one list of all services, the latest first', async () => {
    const query = `?campaignId=${ID}&since=2026-11-27T00%3A00%3A00.000Z&limit=2`;
    answers = {
      [`GET /campagnes/staff/actions${query}`]: { items: [line('2026-11-27T03:00:00.000Z', 'a'), line('2026-11-27T01:00:00.000Z', 'c')], next: '7' },
      [`GET /contributions/staff/actions${query}`]: { items: [line('2026-11-27T02:00:00.000Z', 'b')], next: null },
      [`GET /courriers/staff/actions${query}`]: { items: [], next: null },
      [`GET /rapports/staff/actions${query}`]: { items: [], next: null },
    };
    const { code, out } = await admin(`audit --campaign ${ID} --since 2026-11-27 --limit 2`);
    expect(code).toBe(0);
    expect(out.split('\n').map((row) => row.split('  ')[1])).toEqual([expect.anything(), 'a', 'b', undefined]);
    expect(out).toContain('There is more');
  });
});

describe('the token', () => {
  it('may stand in a file; without one nobody is asked', async () => {
    answers = healthy;
    const folder = mkdtempSync(join(tmpdir(), 'cahier-admin-'));
    writeFileSync(join(folder, 'token'), 'from-file\n');
    await admin(`status --token-file ${folder}/token`);
    expect(asked[0]!.token).toBe('Bearer from-file');
    rmSync(folder, { recursive: true });
    expect((await admin(`status --token-file ${folder}/token`)).code).toBe(2);
    expect(await admin('reports list', { environment: { CAHIER_TOKEN: '' } })).toMatchObject({ code: 2, err: expect.stringContaining('CAHIER_TOKEN') });
  });
});
