import { Body, Controller, Get, Global, Headers, Module, Post, Query, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createTestDatabase, testConfig, type TestDatabase, type TestIssuer, testIssuer } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { commonConfig, CurrentStaff, createApp, databaseOptions, DomainError, html, loadConfig, PlatformModule, platformMigrations, Public, recordStaffAction, renderPage, Staff, type StaffMember } from './index.js';

class ThingClosed extends DomainError {
  readonly code = 'thing.closed';
  readonly kind = 'conflict';
  readonly title = { fr: 'La chose est fermée', en: 'The thing is closed' };
}

const thing = z.strictObject({ name: z.string().max(20), stance: z.enum(['support', 'oppose']).optional(), nested: z.strictObject({ deep: z.number() }).optional() });

@Public()
@Controller('things')
class Things {
  @Post()
  store(@Body({ schema: thing }) body: z.infer<typeof thing>): object {
    return body;
  }

  @Get()
  list(@Query({ schema: z.strictObject({ limit: z.coerce.number().int().max(100).default(20) }) }) query: { limit: number }): object {
    return query;
  }

  @Get('closed')
  closed(): never {
    throw new ThingClosed({ fr: 'Elle a fermé.', en: 'It has closed.' }, { closedAt: '2026-01-01T00:00:00.000Z' });
  }

  @Get('broken')
  broken(): never {
    throw new Error('SELECT secret FROM person');
  }

  @Get('away')
  away(): never {
    throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
  }

  @Get('page')
  page(@Res() reply: { type(t: string): { send(b: string): void } }): void {
    reply.type('text/html; charset=utf-8').send(renderPage({ language: 'fr', title: 'Essai', body: html`<p>${'<script>alert(1)</script>'}</p>` }));
  }
}

@Controller('staff/things')
class StaffThings {
  @Get()
  @Staff('moderator')
  list(@CurrentStaff() staff: StaffMember): StaffMember {
    return staff;
  }
}

/** Replies are read as they come. */
type Json = ReturnType<typeof JSON.parse>;

let database: TestDatabase;
let issuer: TestIssuer;
let app: NestFastifyApplication;
let url: string;

@Controller('forgotten')
class Forgotten {
  @Get()
  list(): string {
    return 'open by mistake';
  }
}

@Public()
@Controller('credulous')
class Credulous {
  @Post()
  store(@Body() body: unknown): unknown {
    return body;
  }

  @Get()
  header(@Headers('accept') accept: string): string {
    return accept;
  }
}

@Staff('moderator')
@Controller('nameless')
class Nameless {
  @Get()
  list(): string {
    return 'reading is no action';
  }

  @Post()
  act(): string {
    return 'nobody knows who';
  }
}

let removing: () => number = () => 3;

function moduleWith(controllers: (new (...args: never[]) => object)[]): Parameters<typeof createApp>[0] {
  @Global()
  @Module({ providers: [{ provide: DataSource, useFactory: () => database.db }], exports: [DataSource] })
  class Database {}
  const config = loadConfig(commonConfig, testConfig({ OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl }));
  return { module: class Root {}, imports: [Database, PlatformModule.forRoot({ service: 'test', config, retention: [{ name: 'old-things', apply: async () => removing() }] })], controllers };
}

const options = () => ({ service: 'test', title: 'Essai', description: 'Essai', logger: false as const, config: loadConfig(commonConfig, testConfig({ OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl })) });

beforeAll(async () => {
  issuer = await testIssuer();
  database = await createTestDatabase((at) => databaseOptions({ url: at, pool: 3, applicationName: 'test', entities: [], migrations: platformMigrations }));
  app = await createApp(moduleWith([Things, StaffThings]), options());
  await app.listen(0, '127.0.0.1');
  url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await database.drop();
  await issuer.stop();
});

const json = (body: string | Buffer, headers: Record<string, string> = {}) => fetch(`${url}/things`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: body as string });
const problem = async (response: Response): Promise<Record<string, unknown>> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  return (await response.json()) as Record<string, unknown>;
};

describe('a request that is not what the route takes', () => {
  it('is answered with a pointer to each fault and never with the value', async () => {
    const response = await json(JSON.stringify({ name: 'x'.repeat(21), status: 'secret-value', nested: { deep: 'no', more: 1 } }));
    expect(response.status).toBe(400);
    const body = await problem(response);
    expect(body).toMatchObject({ type: '/problems/request.malformed', title: 'Requête mal formée', status: 400 });
    expect((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual(['/name', '/nested/deep', '/nested/more', '/status']);
    expect(body['errors']).toContainEqual({ pointer: '/name', detail: 'Au plus 20 caractères' });
    expect(JSON.stringify(body)).not.toContain('secret-value');
  });

  it.each([
    ['{}', 'Obligatoire'],
    ['{"name":3}', 'Type attendu\u00a0: string'],
    ['{"name":["x"]}', 'Type attendu\u00a0: string'],
    ['{"name":{"length":1}}', 'Type attendu\u00a0: string'],
    ['{"name":null}', 'Type attendu\u00a0: string'],
  ])('is told of %s: %s', async (body, detail) => {
    expect(await problem(await json(body))).toMatchObject({ status: 400, errors: [{ pointer: '/name', detail }] });
  });

  it('gets its problem in English where that is preferred', async () => {
    const response = await json('{}', { 'accept-language': 'en-GB,en;q=0.9,fr;q=0.4' });
    expect(await problem(response)).toMatchObject({ title: 'Malformed request', errors: [{ pointer: '/name', detail: 'Required' }] });
    expect(response.headers.get('content-language')).toBe('en');
  });

  it.each([
    ['a body over the limit', () => json(`{"name":"${'x'.repeat(300_000)}"}`), 413],
    ['a body over the limit that does not say its length', () => fetch(`${url}/things`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Blob([`{"name":"${'x'.repeat(300_000)}"}`]).stream(), duplex: 'half' }), 413],
    ['another media type', () => json('name=x', { 'content-type': 'text/plain' }), 415],
    ['a compressed body', () => json(gzipSync('{"name":"x"}'), { 'content-encoding': 'gzip' }), 415],
    ['another charset', () => json('{"name":"x"}', { 'content-type': 'application/json; charset=utf-16' }), 400],
    ['a query that names a thing twice', () => fetch(`${url}/things?limit=1&limit=2`), 400],
    ['an unknown query parameter', () => fetch(`${url}/things?order=name`), 400],
    ['a polluted query', () => fetch(`${url}/things?a[__proto__][x]=1`), 400],
    ['U+0000 in a query', () => fetch(`${url}/things?limit=%00`), 400],
    ['U+0000 in a path', () => fetch(`${url}/things/%00`), 400],
    ['U+0000 in a form', () => fetch(`${url}/things`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=%00' }), 400],
    ['Markdown that is not UTF-8', () => fetch(`${url}/things`, { method: 'POST', headers: { 'content-type': 'text/markdown' }, body: new Uint8Array([0xc3, 0x28]) }), 400],
    ['an unknown path', () => fetch(`${url}/nothing`), 404],
    ['a path in other letters', () => fetch(`${url}/THINGS`), 404],
    ['a path with a trailing slash', () => fetch(`${url}/things/`), 404],
    ['a staff path in other letters', () => fetch(`${url}/Staff/things`), 404],
    ['a staff path with two slashes', () => fetch(`${url}//staff/things`), 404],
    ['a staff path with an encoded slash', () => fetch(`${url}/staff%2fthings`), 404],
    ['another method', () => fetch(`${url}/staff/things`, { method: 'DELETE' }), 404],
  ])('%s', async (_name, send, status) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(await problem(response)).toMatchObject({ status });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('errors', () => {
  it('of the domain say what they are', async () => {
    const response = await fetch(`${url}/things/closed`);
    expect(response.status).toBe(409);
    expect(await problem(response)).toMatchObject({ type: '/problems/thing.closed', title: 'La chose est fermée', detail: 'Elle a fermé.', closedAt: '2026-01-01T00:00:00.000Z' });
  });

  it('that nobody foresaw say nothing of the inside', async () => {
    const response = await fetch(`${url}/things/broken`);
    expect(response.status).toBe(500);
    const body = await problem(response);
    expect(body).toEqual({ type: '/problems/internal', title: 'Erreur interne', status: 500, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  it('are a page for whoever follows a link', async () => {
    const response = await fetch(`${url}/things/closed`, { headers: { accept: 'text/html,*/*;q=0.8', 'accept-language': 'en' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([409, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('<h1>The thing is closed</h1>\n<p>It has closed.</p>');
  });

  it('of an absent database are 503 with Retry-After', async () => {
    const response = await fetch(`${url}/things/away`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await problem(response)).toMatchObject({ type: '/problems/service.unavailable' });
  });
});

describe('staff routes', () => {
  const asking = async (token?: string) => fetch(`${url}/staff/things`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  it('answer 401 without a token and 403 with another role', async () => {
    const missing = await asking();
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await asking(await issuer.token({ roles: ['analyst'] }))).status).toBe(403);
  });

  it('know who asks', async () => {
    const response = await asking(await issuer.token({ roles: ['moderator', 'unknown-role'], bodies: ['COPIL'], sub: 'someone', name: 'Une personne' }));
    expect(await response.json()).toEqual({ subject: 'someone', name: 'Une personne', roles: ['moderator'], bodies: ['COPIL'] });
  });

  it('are open to an admin', async () => {
    expect((await asking(await issuer.token({ roles: ['admin'] }))).status).toBe(200);
  });
});

describe('every reply', () => {
  it('carries security headers and is not kept by caches', async () => {
    const { headers } = await fetch(`${url}/things`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-[^' ]+'$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}; includeSubDomains$/);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('escapes what a page shows', async () => {
    expect(await (await fetch(`${url}/things/page`)).text()).toContain('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
  });
});

describe('operations', () => {
  it('tell liveness, readiness and metrics', async () => {
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'up' });
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: 'up', parts: { database: 'up' } });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('http_request_duration_seconds_count{method="GET",route="/health/live",status="2xx"}');
  });

  it('publish the OpenAPI document, made from the schemas', async () => {
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/things', '/staff/things']));
    expect(JSON.stringify(document.paths['/things'])).toContain('"maxLength":20');
  });

  it('say in it which routes want a token, and what a refusal looks like', async () => {
    const { paths, components } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, Record<string, { security?: unknown; responses: Record<string, unknown> }>>; components: { securitySchemes: unknown } };
    expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(paths['/staff/things']!['get']!.security).toEqual([{ bearer: [] }]);
    expect(paths['/things']!['get']!.security).toBeUndefined();
    expect(paths['/things']!['post']!.responses['default']).toMatchObject({ content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });
  });

  it('say where the type of a problem leads', async () => {
    const response = await fetch(`${url}/problems/thing.closed`, { headers: { 'accept-language': 'en' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('<h1>thing.closed</h1>');
    expect((await fetch(`${url}/problems/%3Cscript%3E`)).status).toBe(400);
  });

  it('show it as a page that loads nothing from elsewhere', async () => {
    const response = await fetch(`${url}/api`);
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self';/);
    const page = await response.text();
    const sources = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => new URL(address!, `${url}/api`).href);
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources.filter((address) => !address.includes('#'))) {
      const loaded = await fetch(source);
      expect([source, loaded.status]).toEqual([expect.stringMatching(new RegExp(`^${url}/`)), 200]);
      // Read to the end, or the connection stays busy and the application cannot close.
      expect((await loaded.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });
});

describe('requests that break HTTP itself', () => {
  const raw = (text: string) => new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let reply = '';
    socket.on('data', (bytes) => { reply += bytes.toString(); }).on('close', () => { resolve(reply); }).on('error', reject);
    socket.setTimeout(3_000, () => socket.destroy());
  });

  it.each(['/./staff/things', '/%2e/staff/things', '/things/../staff/things', '/staff\\things', '/staff/things;x', '/staff/things%00'])('%s is no way around the sign-in', async (path) => {
    expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 40[014] /);
  });

  it.each([
    ['a length and a chunked body', 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a space in a name', 'GET /things HTTP/1.1\r\nHost: x\r\nbad name: secret\r\n\r\n'],
    ['no path', 'GET things HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is a problem like any other', async (_name, text) => {
    const reply = await raw(text);
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(reply).not.toContain('secret');
    expect(reply).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(reply).toMatch(/\{"type":"\/problems\/request\.malformed","title":"Requête mal formée","status":400\}$/);
  });

  it('no host is answered by Node itself, with nothing', async () => {
    expect(await raw('GET /things HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(?:Connection|Date|Transfer-Encoding): [^]*\r\n\r\n0\r\n\r\n$/);
  });

  it('headers without end are a problem too', async () => {
    expect(await raw(`GET /things HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 [^]*\{"type":"\/problems\/request\.header-too-large","title":"En-têtes trop volumineux","status":431\}$/);
  });
});

describe('a service with a careless route does not start', () => {
  const starting = async (controller: new () => object): Promise<unknown> => {
    const careless = await createApp(moduleWith([controller]), options());
    return careless.init().finally(() => careless.close());
  };

  it('because it does not say who may call it', async () => {
    await expect(starting(Forgotten)).rejects.toThrow('Neither @Public nor @Staff: Forgotten.list');
  });

  it('because staff would act without a name', async () => {
    await expect(starting(Nameless)).rejects.toThrow(/^A staff action without its actor: Nameless.act$/);
  });

  it('because it takes anything', async () => {
    await expect(starting(Credulous)).rejects.toThrow('Body, query or path without a schema: Credulous.store');
  });
});

describe('the audit trail', () => {
  const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
  const as = async (role: string, path: string, method = 'GET'): Promise<{ status: number; body: Json }> => {
    const reply = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${await issuer.token({ roles: [role], sub: 'op-1' })}` } });
    return { status: reply.status, body: await reply.json() };
  };
  const actions = async (query: string) => ((await as('admin', `/staff/actions${query}`)).body as { items: { action: string }[] }).items.map(({ action }) => action);
  beforeAll(async () => {
    await recordStaffAction(database.db.manager, { subject: 'a' }, { action: 'thing.make', targetId: one, campaignId: one });
    await recordStaffAction(database.db.manager, { subject: 'b' }, { action: 'thing.bend', campaignId: two });
    await recordStaffAction(database.db.manager, { subject: 'a' }, { action: 'thing.break' });
  });

  it('is read by campaign, person and time, the latest first, in pages', async () => {
    expect(await actions('')).toEqual(['thing.break', 'thing.bend', 'thing.make']);
    expect(await actions(`?campaignId=${two}`)).toEqual(['thing.bend']);
    expect(await actions('?subject=a')).toEqual(['thing.break', 'thing.make']);
    expect(await actions(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await actions(`?since=${new Date(Date.now() - 60_000).toISOString()}`)).toHaveLength(3);
    const { body } = await as('admin', '/staff/actions?limit=2');
    expect(body).toMatchObject({ items: [{ action: 'thing.break', targetId: null }, { action: 'thing.bend' }], next: expect.any(String) });
    expect((await as('admin', `/staff/actions?limit=2&cursor=${body.next}`)).body).toEqual({ items: [{ at: expect.stringMatching(/Z$/), subject: 'a', action: 'thing.make', targetId: one, campaignId: one, traceId: null }], next: null });
    for (const query of ['limit=0', 'limit=101', 'cursor=0', 'cursor=x', 'since=yesterday', 'campaignId=1', 'x=1']) expect([query, (await as('admin', `/staff/actions?${query}`)).status]).toEqual([query, 400]);
  });

  it('is for administrators', async () => {
    for (const role of ['campaign-manager', 'moderator', 'analyst', 'steering-member', 'mail-operator']) expect((await as(role, '/staff/actions')).status).toBe(403);
  });

  it.each([`UPDATE staff_action SET subject = 'somebody else'`, 'DELETE FROM staff_action', 'TRUNCATE staff_action'])('cannot be changed: %s', async (statement) => {
    await expect(database.db.query(statement)).rejects.toThrow('rows are only added');
    expect(await actions('')).toHaveLength(3);
  });

  it('stays empty where the action fails', async () => {
    await expect(database.db.transaction(async (tx) => {
      await recordStaffAction(tx, { subject: 'a' }, { action: 'thing.fail' });
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(await actions('')).toHaveLength(3);
  });

  it('names who had old things removed, and they are told how many went', async () => {
    const { status, body } = await as('admin', '/staff/retention', 'POST');
    expect([status, body]).toEqual([200, { removed: { 'old-things': 3 } }]);
    expect((await actions('?subject=op-1'))).toEqual(['retention.run']);
    expect((await as('moderator', '/staff/retention', 'POST')).status).toBe(403);
    removing = () => { throw new Error('SELECT secret FROM person'); };
    const failed = await as('admin', '/staff/retention', 'POST');
    expect(failed).toEqual({ status: 500, body: expect.objectContaining({ type: '/problems/internal' }) });
    expect(JSON.stringify(failed)).not.toContain('secret');
  });
});
