import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMails, linkIn } from '@cahier/demo';
import { serviceNames, type ServiceName } from '@cahier/local-stack';
import { readTopic } from '@cahier/messaging';
import fc from 'fast-check';
import { createClient } from 'redis';
import { adminCases } from '../admin.harness.spec.js';
import { anyRequest, routes } from './any-request.harness.spec.js';
import { type Attack, type Json, type Reply, Target } from './target.js';

/** The numbers in brackets are those of docs/security.md. */

let folder: string;
let target: Target;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-hostile-'));
  target = await Target.open(join(folder, 'logs'));
}, 180_000);
afterAll(async () => {
  await target.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What a reply says, but for the id that is different each time. */
const said = ({ status, json }: Reply): Json => {
  const { traceId: _, ...body } = (json ?? {}) as Record<string, unknown>;
  return { status, ...body };
};

async function changesNothing(attack: () => Promise<void>): Promise<void> {
  const before = await target.everything();
  await attack();
  expect(await target.everything()).toEqual(before);
}

interface Operation {
  readonly service: ServiceName;
  readonly method: string;
  /** With ids that nothing has. */
  readonly path: string;
  readonly isForStaff: boolean;
}

/** Every operation that the services document. */
async function operations(): Promise<Operation[]> {
  const all = await Promise.all(serviceNames.map(async (service) => {
    const { paths } = (await target.ask(service, '/openapi.json')).json as { paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>> };
    return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { security = [] }]) => ({
      service, method: method.toUpperCase(), path: path.replaceAll(/\{name\}/g, 'x').replaceAll(/\{\w+\}/g, () => randomUUID()), isForStaff: security.some((one) => 'bearer' in one),
    })));
  }));
  return all.flat();
}

describe('who somebody is', () => {
  it('(1, 2) a contribution of another author, or its withdrawal, does not exist', async () => {
    const [mine, yours] = [(await target.file()).json, (await target.file()).json];
    await changesNothing(async () => {
      const missing = said(await target.ask('contribution-service', `/contributions/${randomUUID()}`, { token: mine.managementToken }));
      expect(missing).toMatchObject({ status: 404, type: '/problems/contribution.unknown' });
      for (const token of [mine.managementToken, undefined, '', 'x', `${yours.managementToken}x`, yours.managementToken.slice(0, -1)]) {
        expect(said(await target.ask('contribution-service', `/contributions/${yours.contributionId}`, { token }))).toEqual(missing);
        expect(said(await target.ask('contribution-service', `/contributions/${yours.contributionId}/withdraw`, { method: 'POST', token }))).toEqual(missing);
      }
    });
  });

  it('(4) every staff route refuses nobody, a wrong token, and a role that it is not for', async () => {
    const staff = (await operations()).filter(({ isForStaff }) => isForStaff);
    expect(staff.length).toBeGreaterThan(30);
    // Steering members have their reports, mail operators their mails.
    const [member, operator] = [await target.token('steering-member'), await target.token('mail-operator')];
    await changesNothing(async () => {
      for (const { service, method, path } of staff) {
        const attack = (token?: string): Promise<Reply> => target.ask(service, path, { method, ...(token !== undefined && { token }), ...(method !== 'GET' && { body: {} }) });
        for (const token of [undefined, 'x.y.z', 'null']) expect([method, path, said(await attack(token))]).toEqual([method, path, { status: 401, type: '/problems/request.unauthenticated', title: 'Authentification nécessaire', detail: 'Présentez un jeton d’accès en cours de validité.' }]);
        expect([method, path, said(await attack(service === 'reporting-service' ? operator : member))]).toEqual([method, path, expect.objectContaining({ status: 403, type: '/problems/request.forbidden' })]);
      }
    });
  });

  it('(6) no spelling of a staff path is a way around the sign-in', async () => {
    const id = target.draftId;
    const paths = [`/staff/campaigns/${id}`, '/staff/campaigns', '/staff/programmes'];
    const spellings = [
      (path: string) => path.replace('staff', 'STAFF'), (path: string) => `${path}/`, (path: string) => `/${path}`, (path: string) => path.replace('/staff', '/%73taff'), (path: string) => path.replace('/staff', '/%2e/staff'), (path: string) => path.replace('/staff', '/./staff'),
      (path: string) => `/campaigns/..${path}`, (path: string) => `/${path.slice(1).replaceAll('/', '%2f')}`, (path: string) => `${path};x=1`, (path: string) => `${path}.json`, (path: string) => `${path}%20`, (path: string) => `/${path.slice(1).replaceAll('/', '\\')}`, (path: string) => `/campaigns/${encodeURIComponent(`..${path}`)}`,
    ];
    await changesNothing(async () => {
      for (const path of paths) for (const spelt of spellings.map((spell) => spell(path))) for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE', 'PATCH']) {
        const reply = await target.ask('campaign-service', spelt, { method, headers: { 'x-http-method-override': 'GET', 'x-original-url': path, 'x-rewrite-url': path } });
        expect([method, spelt, [400, 401, 404]]).toEqual([method, spelt, expect.arrayContaining([reply.status])]);
      }
    });
  });
});

describe('what a body may set', () => {
  it('(14, 15, 17) nothing that it is not asked for, anywhere', async () => {
    const { contributionId } = (await target.file()).json;
    const manager = await target.token('campaign-manager');
    await changesNothing(async () => {
      for (const name of ['status', 'id', 'contributionId', 'receivedAt', 'campaignId', 'moderated', 'score', 'organisationId', 'filingNumber', 'participantRef', 'version']) {
        expect(said(await target.file({ [name]: contributionId }))).toMatchObject({ status: 400, errors: [{ pointer: `/${name}`, detail: 'Cette propriété n’est pas connue ici' }] });
        expect(said(await target.file({ publication: { preference: 'anonymous', [name]: contributionId } }))).toMatchObject({ status: 400, errors: [{ pointer: `/publication/${name}` }] });
      }
      for (const name of ['campaignId', 'state', 'version', 'eventVersion']) {
        expect(said(await target.ask('campaign-service', '/staff/campaigns', { method: 'POST', token: manager, body: { editionId: randomUUID(), title: { fr: 'x', en: 'x' }, kind: 'consultation', [name]: target.campaignId } }))).toMatchObject({ status: 400, errors: [{ pointer: `/${name}` }] });
      }
    });
  });

  it('(16, 19) no name that is an object’s own, nor a name twice, in bodies, forms and queries', async () => {
    const names = ['__proto__', 'constructor', 'prototype'];
    await changesNothing(async () => {
      for (const name of names) {
        const json = `{"kind":"proposal","targets":[],"body":"x","publication":{"preference":"anonymous"},"${name}":{"x":1}}`;
        for (const body of [json, json.replace('"anonymous"', `"anonymous","${name}":{"x":1}`)]) {
          expect((await target.ask('contribution-service', `/campaigns/${target.campaignId}/contributions`, { method: 'POST', headers: { 'idempotency-key': randomUUID() }, body })).status).toBe(400);
        }
        expect((await target.ask('campaign-service', `/campaigns?${name}[x]=1`)).status).toBe(400);
        expect((await target.ask('campaign-service', `/campaigns?a[${name}][x]=1`)).status).toBe(400);
        expect((await target.ask('notification-service', '/preferences', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `token=x&${name}=1` })).status).toBe(400);
      }
      expect((await target.ask('campaign-service', '/campaigns?limit=1&limit=2')).status).toBe(400);
      expect((await target.ask('contribution-service', `/campaigns/${target.campaignId}/contributions?cursor=a&cursor=b`)).status).toBe(400);
    });
  });

  it('(18) a value of another type is not taken for one', async () => {
    await changesNothing(async () => {
      for (const body of [[], {}, 3, true, null, { toString: 'x' }, { length: 1 }, [['x']]]) expect((await target.file({ body })).status).toBe(400);
      for (const targets of [{}, { length: 0 }, '', 'x', null, [[]], ['x'], [null]]) expect((await target.file({ targets })).status).toBe(400);
      expect((await target.file({ publication: [] })).status).toBe(400);
    });
  });
});

describe('what can be found out', () => {
  it('(21) whether an address is known: nothing in the reply', async () => {
    const ask = (email: string): Promise<Reply> => target.ask('notification-service', '/subscriptions', { method: 'POST', body: { email, campaignId: target.campaignId, consent: true } });
    await ask('known@example.org');
    const comparable = ({ status, headers: { date: _, ratelimit: __, ...headers }, text }: Reply): Json => ({ status, headers, text });
    expect(comparable(await ask('known@example.org'))).toEqual(comparable(await ask(`${randomUUID().slice(0, 5)}@example.org`)));
  });

  it('(23) a campaign that nobody has announced: nothing, anywhere', async () => {
    const { draftId } = target;
    await changesNothing(async () => {
      for (const id of [draftId, randomUUID()]) {
        const ask = async (service: ServiceName, path: string, attack: Attack = {}): Promise<Json> => JSON.parse(JSON.stringify(said(await target.ask(service, path, attack))).replaceAll(id, 'id'));
        expect(await ask('campaign-service', `/campaigns/${id}`)).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
        expect((await ask('campaign-service', `/campaigns/${id}/document`)).status).toBe(404);
        expect((await ask('campaign-service', `/campaigns/${id}/calendar.ics`)).status).toBe(404);
        expect((await ask('contribution-service', `/campaigns/${id}/window`)).status).toBe(404);
        expect(said(await target.file({}, {}, id))).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
        expect((await ask('notification-service', '/subscriptions', { method: 'POST', body: { email: 'x@example.org', campaignId: id, consent: true } })).status).toBe(404);
        expect(await ask('reporting-service', `/campaigns/${id}/reports`)).toEqual({ status: 200, items: [] });
      }
      const { items } = (await target.ask('campaign-service', '/campaigns?limit=100')).json as { items: { campaignId: string }[] };
      expect(items.map(({ campaignId }) => campaignId)).not.toContain(draftId);
    });
  });
});

describe('links and mails', () => {
  it('(59) name the service as it is configured, whatever host the request was sent to', async () => {
    const email = `${randomUUID().slice(0, 8)}@example.org`;
    const headers = { 'host': 'evil.example.net', 'x-forwarded-host': 'evil.example.net', 'x-forwarded-proto': 'gopher', 'x-forwarded-for': '203.0.113.9', 'forwarded': 'host=evil.example.net;proto=gopher' };
    expect((await target.ask('notification-service', '/subscriptions', { method: 'POST', headers, body: { email, campaignId: target.campaignId, consent: true } })).status).toBe(202);
    let link: string | undefined;
    await target.until('the mail is there', async () => {
      const [mail] = await readMails(target.stage.anyone, target.stage.stack.mail.webUrl, email);
      link = mail && linkIn(mail, 'confirm');
      return link !== undefined;
    });
    expect(link).toMatch(new RegExp(`^${target.stage.services['notification-service'].url}/confirm\\?token=`));
    for (const service of serviceNames) {
      const { text, headers: received } = await target.ask(service, '/nowhere', { headers });
      expect(`${text}${JSON.stringify(received)}`).not.toContain('evil');
    }
  });

  it('(27, 29) one mailbox at a time, by its address alone', async () => {
    await changesNothing(async () => {
      for (const email of ['a@b.fr, evil@x.fr', 'a@b.fr;evil@x.fr', '"evil@x.fr"@b.fr', '"x" <evil@x.fr>', 'a@b.fr\r\nBcc: evil@x.fr', 'аdmin@b.fr', 'a\u202e@b.fr', 'a@b.fr\u0000', 'a%0d%0aBcc:x@b.fr\n']) {
        expect((await target.ask('notification-service', '/subscriptions', { method: 'POST', body: { email, campaignId: target.campaignId, consent: true } })).status).toBe(400);
        expect((await target.file({ contact: { email, consent: true } })).status).toBe(400);
      }
    });
  });
});

describe('large, deep and broken bodies', () => {
  const path = (): string => `/campaigns/${target.campaignId}/contributions`;
  const send = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> => target.ask('contribution-service', path(), { method: 'POST', headers: { 'idempotency-key': randomUUID(), ...headers }, body });
  const around = (value: string): string => `{"kind":"proposal","targets":[],"publication":{"preference":"anonymous"},"body":${value}}`;

  const bodies: [string, () => string | Buffer, number, Record<string, string>?][] = [
    ['(45) a mebibyte and one byte', () => 'x'.repeat(1_048_577), 413],
    ['(46) a gzip bomb', () => Buffer.from('1f8b08000000000000034b04000000', 'hex'), 415, { 'content-encoding': 'gzip' }],
    ['(47) ten thousand levels', () => around(`${'['.repeat(10_000)}${']'.repeat(10_000)}`), 400],
    ['(47) a hundred thousand levels', () => around(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 400],
    ['(48) a million names', () => `{${Array.from({ length: 1_000_000 }, (_, i) => `"${i}":1`).join(',')}}`, 413],
    ['(48) as many names as a body can have', () => `{${Array.from({ length: 25_000 }, (_, i) => `"${i}":1`).join(',')}}`, 400],
    ['(48) as many items as a body can have', () => `[${'1,'.repeat(120_000)}1]`, 400],
    ['(49) a string of ten megabytes', () => around(`"${'a'.repeat(10_000_000)}"`), 413],
    ['(50) 1e400', () => around('1e400'), 400], ['(50) NaN', () => around('NaN'), 400], ['(50) -0', () => around('-0'), 400], ['(50) 2^53+1', () => around('9007199254740993'), 400],
    ['(51) an overlong encoding', () => Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 400],
    ['(51) a lone surrogate', () => around('"\\ud800"'), 400], ['(51) U+0000', () => around('"\\u0000"'), 400], ['(51) a byte order mark', () => `\ufeff${around('"x"')}`, 400],
    ['(51) UTF-16', () => Buffer.from(around('"x"'), 'utf16le'), 400, { 'content-type': 'application/json; charset=utf-16' }],
    ['(52) a name twice', () => around('"x","body":"x"'), 400],
  ];
  it('(45–52) are refused, each for what it is', async () => {
    await changesNothing(async () => {
      for (const [name, body, status, headers] of bodies) {
        const reply = await send(body(), headers);
        expect([name, reply.status, reply.headers['content-type']]).toEqual([name, status, 'application/problem+json; charset=utf-8']);
      }
    });
    expect((await target.file()).status).toBe(201);
  });

  it('(49, 54) every text at its limit, of the strangest characters, is stored exactly', async () => {
    const zalgo = `e${'\u0301'.repeat(9_999)}`;
    const strange = `${zalgo}\u202e\u2066\u200b👩‍👩‍👧‍👦＝аdmin`;
    const targets = Array.from({ length: 10 }, () => ({ type: 'section', id: randomUUID(), quote: '𝔘'.repeat(2_000) }));
    // Ten targets of no document: refused as such, though every value is within its limits.
    expect((await target.file({ targets })).status).toBe(422);
    const filed = await target.file({ body: strange.padEnd(50_000, '\u{1F600}').slice(0, 50_000), proposedWording: '𝔘'.repeat(20_000), title: 'x'.repeat(300) });
    expect(filed.status).toBe(201);
    const own = await target.ask('contribution-service', `/contributions/${filed.json.contributionId}`, { token: filed.json.managementToken });
    expect([own.json.text.body.startsWith(strange), own.json.text.proposedWording]).toEqual([true, '𝔘'.repeat(20_000)]);
    const page = await target.ask('contribution-service', `/manage/${filed.json.contributionId}?token=${filed.json.managementToken}`, { headers: { accept: 'text/html' } });
    expect(page.text).toContain(`<bdi>${strange}`);
  });

  it('(53) a text made to exhaust a regular expression ends like any other', async () => {
    const long = ['a'.repeat(50_000), `${'a.'.repeat(25_000)}@`, `${'a@'.repeat(25_000)}`, `https://${'a'.repeat(1_900)}!`, `${'-'.repeat(50_000)}a`, `${' '.repeat(50_000)}x`, `${'0'.repeat(50_000)}x`];
    const manager = await target.token('campaign-manager');
    await changesNothing(async () => {
      for (const text of long) {
        expect((await target.file({ contact: { email: text, consent: true } })).status).toBe(400);
        expect((await target.file({ kind: 'evidence', source: { url: `javascript:${text}` } })).status).toBe(400);
        expect((await target.ask('campaign-service', '/staff/steering-bodies', { method: 'POST', token: manager, body: { code: text, name: { fr: 'x', en: 'x' } } })).status).toBe(400);
        for (const headers of [{ 'if-match': text }, { 'accept-language': text }, { 'traceparent': text }, { 'idempotency-key': text }]) expect([400, 401, 404, 412, 428, 431, 201]).toContain((await target.ask('contribution-service', `/campaigns/${randomUUID()}/window`, { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.slice(0, 12_000)])) })).status);
      }
    });
  });

  it('(56) SQL, patterns and impossible pages are values like any other, or none', async () => {
    const manager = await target.token('campaign-manager');
    await changesNothing(async () => {
      for (const limit of ['1e9', '-1', '0', '1.5', '101', '%25', "1;DROP TABLE campaign", '']) expect([limit, (await target.ask('campaign-service', `/campaigns?limit=${encodeURIComponent(limit)}`)).status]).toEqual([limit, 400]);
      for (const name of ['order', 'sort', 'orderBy', 'q', 'filter']) expect((await target.ask('campaign-service', `/staff/campaigns?${name}=title;--`, { token: manager })).status).toBe(400);
      for (const id of ["' OR '1'='1", '%', '_', "1'; SELECT pg_sleep(9)--", '$[*]']) {
        expect((await target.ask('campaign-service', `/campaigns/${encodeURIComponent(id)}`)).status).toBe(400);
        expect((await target.ask('contribution-service', `/contributions/${encodeURIComponent(id)}`)).status).toBe(400);
        expect((await target.ask('campaign-service', `/campaigns?cursor=${encodeURIComponent(id)}`)).status).toBe(400);
      }
    });
    for (const body of ["'); DROP TABLE contribution; --", '%_\\', '{"$ne":null}', "E'\\x27'"]) {
      const { json: receipt } = await target.file({ body });
      expect((await target.ask('contribution-service', `/contributions/${receipt.contributionId}`, { token: receipt.managementToken })).json.text.body).toBe(body);
    }
  });

  it('(57) two thousand idle connections, half requests and a thousand requests in one go keep nobody out', async () => {
    const { hostname, port } = new URL(target.stage.services['contribution-service'].url);
    const open = (text: string): Promise<Socket> => new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => { if (text !== '') socket.write(text); resolve(socket); });
      socket.on('error', reject);
    });
    const sockets = await Promise.all(Array.from({ length: 2_000 }, (_, i) => open(['', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ', `POST ${path()} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind"`][i % 3]!)));
    try {
      // In the turn in which the crowd arrives a filing may be turned away, as one of it; who comes again when told is let in, and so is everybody after.
      const first = await target.file();
      expect([201, 503]).toContain(first.status);
      if (first.status === 503) await sleep(Number(first.headers['retry-after']) * 1_000);
      for (let i = 0; i < 3; i++) expect((await target.file()).status).toBe(201);
      const pipelined = await open('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(999));
      const answers = await new Promise<string>((resolve) => {
        let text = '';
        pipelined.on('data', (bytes) => { text += bytes.toString(); }).on('close', () => { resolve(text); });
        pipelined.write('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      });
      expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1_000);
    } finally {
      for (const socket of sockets) socket.on('error', () => undefined).destroy();
    }
  });
});

describe('replies', () => {
  /** Of every service: found, not found, not allowed, malformed in each way that ends somewhere else. */
  const asked: [string, Attack, number][] = [
    ['/health/live', {}, 200], ['/nowhere', {}, 404], ['/health/live', { method: 'DELETE' }, 404], ['/problems/%3Cscript%3E', {}, 400], ['/%zz', {}, 400], ['/x?a=%00', {}, 400],
    ['/nowhere', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }, 404], ['/x', { method: 'POST', headers: { 'content-encoding': 'br' }, body: 'x' }, 415], ['/staff/campaigns', { method: 'TRACE' }, 404],
  ];

  it.each(serviceNames)('(73, 74) of %s: security headers and problem details, whatever is wrong, and no word of the inside', async (service) => {
    for (const [path, attack, status] of asked) {
      const reply = await target.ask(service, path, { ...attack, headers: { 'origin': 'https://evil.example.net', 'cookie': 'session=1', ...attack.headers } });
      const { headers } = reply;
      expect([path, attack.method, reply.status]).toEqual([path, attack.method, status]);
      expect([path, headers['x-content-type-options'], headers['content-security-policy']?.slice(0, 18), headers['cache-control'], headers['referrer-policy']]).toEqual([path, 'nosniff', "default-src 'none'", 'no-store', 'no-referrer']);
      expect([headers['set-cookie'], headers['access-control-allow-origin'], headers['server'], headers['x-powered-by']]).toEqual([undefined, undefined, undefined, undefined]);
      if (status >= 400) expect([path, headers['content-type'], reply.json]).toEqual([path, 'application/problem+json; charset=utf-8', expect.objectContaining({ status, type: expect.stringMatching(/^\/problems\/request\./) })]);
      expect(reply.text).not.toMatch(/node_modules|\bat .+:\d+:\d+|SELECT|fastify|FST_|postgres/i);
    }
  });

  it('(74) receipts are kept by no cache, and nothing sets a cookie', async () => {
    const { headers } = await target.file();
    expect([headers['cache-control'], headers['set-cookie']]).toEqual(['no-store', undefined]);
  });

  it('(44) of two commands at once one is heard', async () => {
    const manager = await target.token('campaign-manager');
    const path = `/staff/campaigns/${target.draftId}`;
    const { etag } = (await target.ask('campaign-service', path, { token: manager })).headers;
    const [{ opensAtLocal, closesAtLocal }] = [{ opensAtLocal: '2031-03-01T09:00', closesAtLocal: '2031-04-01T09:00' }];
    const replies = await Promise.all(Array.from({ length: 10 }, () => target.ask('campaign-service', `${path}/schedule`, { method: 'POST', token: manager, headers: { 'if-match': etag ?? '' }, body: { opensAtLocal, closesAtLocal } })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...new Array<number>(9).fill(412)]);
    const { items } = (await target.ask('campaign-service', `${path}/transitions`, { token: manager })).json as { items: { action: string }[] };
    expect(items.filter(({ action }) => action === 'schedule')).toHaveLength(1);
  });
});

describe('what people wrote', () => {
  it('(72) stands where it belongs and nowhere else: no log, metric, header, key, URL, cause or foreign table has it', async () => {
    const { services, stack } = target.stage;
    const mark = randomUUID().slice(0, 8);
    const canary = (name: string): string => `canari-${name}-${mark}`;
    const email = `${canary('adresse')}@example.org`;
    const replies: Reply[] = [];
    const note = async (reply: Promise<Reply>): Promise<Reply> => { replies.push(await reply); return reply; };
    const headers = { 'user-agent': canary('agent'), 'x-forwarded-for': '203.0.113.77', 'referer': `https://example.org/${canary('referer')}`, 'cookie': `s=${canary('cookie')}`, 'baggage': `name=${canary('baggage')}` };
    const content = { title: canary('titre'), body: canary('corps'), proposedWording: canary('redaction'), organisation: canary('organisation'), publication: { preference: 'named', authorName: canary('nom') }, contact: { email, consent: true } };

    const key = `${canary('cle')}-0123456789`;
    const { json: receipt } = await note(target.file(content, { ...headers, 'idempotency-key': key }));
    expect(receipt.managementToken).toMatch(/^[\w-]{43}$/);
    // Refused in many ways, each of which may be told to somebody.
    for (const changes of [{ ...content, status: canary('statut') }, { ...content, kind: canary('genre') }, { ...content, contact: { email: `${email}, ${email}`, consent: true } }, { ...content, body: `${canary('corps')}\0` }]) expect((await note(target.file(changes, headers))).status).toBe(400);
    expect((await note(target.file({ ...content, body: canary('autre') }, { ...headers, 'idempotency-key': key }))).status).toBe(422);
    await note(target.ask('contribution-service', `/campaigns/${target.campaignId}/contributions`, { method: 'POST', headers, body: `{"body":"${canary('corps')}` }));
    await note(target.ask('contribution-service', `/manage/${receipt.contributionId}?token=${canary('jeton')}`, { headers }));
    await note(target.ask('contribution-service', `/manage/${receipt.contributionId}?token=${receipt.managementToken}`, { headers }));
    await note(target.ask('contribution-service', `/contributions/${receipt.contributionId}`, { token: canary('porteur'), headers }));
    for (const service of serviceNames) await note(target.ask(service, `/nowhere/${canary('chemin')}%0d%0a%1b[31m{"level":"error"}?q=${canary('question')}`, { headers }));
    await note(target.ask('notification-service', '/subscriptions', { method: 'POST', headers, body: { email, campaignId: target.campaignId, consent: true } }));
    await note(target.ask('notification-service', `/confirm?token=${canary('jeton')}`, { headers }));
    const manager = await target.token('campaign-manager');
    const { json: { steeringBodyId } } = await target.ask('campaign-service', '/staff/steering-bodies', { method: 'POST', token: manager, body: { code: `C-${mark.toUpperCase()}`, name: { fr: 'Comité', en: 'Committee' } } });
    await note(target.ask('campaign-service', `/staff/steering-bodies/${steeringBodyId}/members`, { method: 'POST', token: manager, headers, body: { name: canary('membre'), email: `${canary('membre')}@example.org`, language: 'fr' } }));
    const sent = async (): Promise<string[]> => (await readMails(target.stage.anyone, stack.mail.webUrl, email)).map(({ text }) => text);
    await target.until('both mails are there', async () => (await sent()).length === 2);
    const reported = async (): Promise<boolean> => (await target.rows('reporting-service', 'SELECT 1 FROM contribution WHERE contribution_id = $1', [receipt.contributionId])).length === 1;
    await target.until('reporting-service has heard of it', reported);
    await target.everything();

    const found: string[] = [];
    /** Every word of ours is looked for, whatever it is doing there; secrets too. */
    const look = (where: string, text: string, allowed: readonly string[] = []): void => {
      const words = [...text.matchAll(new RegExp(`canari-\\w+-${mark}`, 'g')), ...text.matchAll(/203\.0\.113\.77/g)].map(([word]) => word).concat(text.includes(receipt.managementToken) ? ['the management token'] : []);
      found.push(...words.filter((word) => !allowed.some((name) => word === canary(name) || word === name)).map((word) => `${where}: ${word}`));
    };
    for (const name of serviceNames) {
      const log = readFileSync(join(folder, 'logs', `${name}.log`), 'utf8');
      look(`log of ${name}`, log);
      expect(log).not.toContain('\u001b');
      for (const one of log.split('\n').filter((text) => text.startsWith('{'))) expect(() => JSON.parse(one) as unknown).not.toThrow();
      look(`metrics of ${name}`, (await target.ask(name, '/metrics')).text);
      const causes = await target.rows<{ cause: string }>(name, 'SELECT cause FROM dead_letter');
      look(`causes of ${name}`, JSON.stringify(causes));
    }
    for (const { headers: received } of replies) look('a header', JSON.stringify(received));
    for (const { status, text } of replies.filter((reply) => reply.status >= 400)) look(`a refusal with ${status}`, text);

    const words = ['titre', 'corps', 'redaction', 'organisation', 'nom'];
    const prefix = services['contribution-service'].env['TOPIC_PREFIX'] ?? '';
    for (const topic of ['campaign.events', 'contribution.events', 'intake.events', 'notification.events', 'report.events']) {
      for (const message of await readTopic(stack.kafka.brokers, `${prefix}${topic}`)) {
        look(`a key of ${topic}`, message.key ?? '');
        look(`headers of ${topic}`, JSON.stringify(message.headers));
        // The fact itself: what is public, and the members of steering bodies, sealed or not, by contract.
        look(`an event of ${topic}`, message.value, words);
      }
    }
    const redis = redisAt(stack.redis.url);
    await redis.connect();
    try {
      for (const name of await redis.keys('*')) {
        look('a key of Redis', name);
        look(`Redis ${name}`, await valueOf(redis, name));
      }
    } finally {
      redis.destroy();
    }
    const tables = async (service: ServiceName): Promise<string> => {
      const names = await target.rows<{ name: string }>(service, `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`);
      return (await Promise.all(names.map(({ name }) => target.rows<{ row: string }>(service, `SELECT t::text AS row FROM "${name}" AS t`)))).flat().map(({ row }) => row).join('\n');
    };
    look('campaign-service', await tables('campaign-service'), ['membre']);
    look('contribution-service', await tables('contribution-service'), words);
    look('notification-service', await tables('notification-service'), ['adresse', 'the management token']);
    look('reporting-service', await tables('reporting-service'), words);
    expect([...new Set(found)]).toEqual([]);
    // The search finds what is there.
    look('the check itself', `${canary('corps')} ${receipt.managementToken}`);
    expect(found).toHaveLength(2);
  }, 120_000);
});

describe('any request', () => {
  const SEED = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 2 ** 31);
  const REQUESTS = Number(process.env['HOSTILE_REQUESTS'] ?? 10_000);
  const AT_ONCE = 16;

  it(`is refused and changes nothing, or is stored exactly; never a failure (${REQUESTS} requests, HOSTILE_SEED=${SEED})`, async () => {
    const manager = await target.token('campaign-manager');
    const create = async (path: string, body: object): Promise<Json> => (await target.ask('campaign-service', `/staff/${path}`, { method: 'POST', token: manager, body })).json;
    const heading = { fr: 'x', en: 'x' };
    const { programmeId } = await create('programmes', { title: heading });
    const { editionId } = await create(`programmes/${programmeId}/editions`, { year: 2031, label: heading });
    const { steeringBodyId } = await create('steering-bodies', { code: `ANY-${randomUUID().slice(0, 8).toUpperCase()}`, name: heading });
    const requests = fc.sample(anyRequest(target.campaignId, routes({ editionId, programmeId, steeringBodyId, manager })), { numRuns: REQUESTS, seed: SEED });
    const inTurn = async (chosen: typeof requests, ask: (one: (typeof requests)[number]) => Promise<void>): Promise<void> => {
      const left = chosen.values();
      await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (const one of left) await ask(one); }));
    };

    await changesNothing(() => inTurn(requests.filter(({ spoilt }) => spoilt?.isWrong), async ({ route, spoilt }) => {
      const reply = await route.send(target, spoilt!);
      expect([route.name, spoilt, reply.text, reply.status === 400 || reply.status === 415]).toEqual([route.name, spoilt, reply.text, true]);
      expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }));

    const tables = ['programme', 'edition', 'steering_body', 'member', 'campaign'];
    const count = async (): Promise<number> => {
      const [inCampaigns, contributions, subscriptions] = await Promise.all([
        target.rows<{ n: number }>('campaign-service', `SELECT (${tables.map((table) => `(SELECT count(*) FROM ${table})`).join(' + ')})::integer AS n`),
        target.rows<{ n: number }>('contribution-service', 'SELECT count(*)::integer AS n FROM contribution'), target.rows<{ n: number }>('notification-service', 'SELECT count(*)::integer AS n FROM subscription'),
      ]);
      return inCampaigns[0]!.n + contributions[0]!.n + subscriptions[0]!.n;
    };
    const before = await count();
    const subscribed = new Set<string>();
    let stored = 0;
    await inTurn(requests.filter(({ spoilt }) => !spoilt?.isWrong), async ({ route, sent, spoilt }) => {
      const body = (spoilt ? spoilt.body : sent);
      const reply = await route.send(target, { body });
      const told = [route.name, spoilt?.how, body, reply.text];
      expect([told, reply.status < 500]).toEqual([told, true]);
      if (reply.status >= 400) {
        // A valid body may find another one's name taken; the routes that only refuse have no such campaign version.
        if (!spoilt) expect([told, [409, 412]]).toEqual([told, expect.arrayContaining([reply.status])]);
        return;
      }
      expect([told, await route.stored(target, reply, body)]).toEqual([told, route.meant(body)]);
      if (reply.status === 202) subscribed.add(String(body.email).toLowerCase());
      else stored++;
    });
    expect(await count()).toBe(before + stored + subscribed.size);
    expect(stored).toBeGreaterThan(REQUESTS / 20);
  }, 180_000);
});

describe('a start', () => {
  it('(75) without a secret, with a weak one or one for two purposes does not happen', async () => {
    const service = target.stage.services['campaign-service'];
    const { CURSOR_KEY = '', ...env } = service.env;
    const log = (): string => readFileSync(join(folder, 'logs', 'campaign-service.log'), 'utf8');
    for (const [changes, words] of [
      [{ CURSOR_KEY: '' }, 'CURSOR_KEY: not valid'],
      [{ PROFILE: 'production', CURSOR_KEY: 'A'.repeat(43) }, 'CURSOR_KEY: too weak'],
      [{ PROFILE: 'production', CURSOR_KEY: env['RATE_LIMIT_KEY'] ?? '' }, 'the same secret as'],
    ] as const) {
      const before = log().length;
      await expect(service.restart(changes)).rejects.toThrow();
      expect(log().slice(before)).toContain(words);
      expect(log()).not.toContain(CURSOR_KEY);
    }
    await service.restart({ PROFILE: 'local', CURSOR_KEY });
  });
});

// What operators do, on the same system, once it was attacked.
adminCases(() => target);

const redisAt = (url: string) => createClient({ url });

/** Whatever its type. */
async function valueOf(redis: ReturnType<typeof redisAt>, name: string): Promise<string> {
  const type = await redis.type(name);
  switch (type) {
    case 'string': return (await redis.get(name)) ?? '';
    case 'hash': return JSON.stringify(await redis.hGetAll(name));
    case 'list': return JSON.stringify(await redis.lRange(name, 0, -1));
    case 'set': return JSON.stringify(await redis.sMembers(name));
    case 'zset': return JSON.stringify(await redis.zRange(name, 0, -1));
    case 'stream': return JSON.stringify(await redis.xRange(name, '-', '+'));
    default: return '';
  }
}
