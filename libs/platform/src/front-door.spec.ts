import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from './errors.js';
import { FrontDoor } from './front-door.js';

class Full extends DomainError {
  readonly code = 'things.full';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Complet', en: 'Full' };
}

const door = new FrontDoor();
const reached: string[] = [];
const told: unknown[] = [];
let full = true;
let made = 0;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.end();
  });
  door.standBefore(server, { 'x-content-type-options': 'nosniff' }, ({ path }, status) => { told.push([path, status]); });
  door.guard({ method: 'POST', path: 'lists/:listId/things', isFull: () => full, refusal: () => new Full({ fr: 'Plus tard.', en: 'Later.' }, { retryAfter: ++made }) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => { full = true; reached.length = told.length = 0; });

describe('the front door', () => {
  it('refuses what a full route is asked, as a problem in the language of the request, and nobody behind it hears of it', async () => {
    const reply = await fetch(`${url}/lists/1/things`, { method: 'POST', body: 'x'.repeat(100_000), headers: { 'accept-language': 'en' } });
    expect(reply.status).toBe(503);
    const problem = (await reply.json()) as { retryAfter: number };
    expect(problem).toEqual({ type: '/problems/things.full', title: 'Full', status: 503, detail: 'Later.', retryAfter: expect.any(Number) });
    expect(Object.fromEntries(reply.headers)).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8', 'content-language': 'en', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'retry-after': String(problem.retryAfter) });
    expect(reached).toEqual([]);
    expect(told).toEqual([['lists/:listId/things', 503]]);
    expect(await (await fetch(`${url}/lists/1/things`, { method: 'POST' })).json()).toMatchObject({ title: 'Complet', detail: 'Plus tard.' });
  });

  it('does not send everybody away for the same time', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => fetch(`${url}/lists/1/things`, { method: 'POST' })));
    expect(new Set(replies.map(({ headers }) => headers.get('retry-after'))).size).toBe(8);
  });

  it.each([
    ['GET', '/lists/1/things'], ['POST', '/lists/1/things/2'], ['POST', '/lists//things'], ['POST', '/x/lists/1/things'],
  ])('lets pass what is another route (%s %s)', async (method, path) => {
    await fetch(`${url}${path}`, { method });
    expect(reached).toEqual([`${method} ${path}`]);
  });

  it('lets pass what the route can do', async () => {
    full = false;
    await fetch(`${url}/lists/1/things`, { method: 'POST' });
    expect([reached, told]).toEqual([['POST /lists/1/things'], []]);
  });
});
