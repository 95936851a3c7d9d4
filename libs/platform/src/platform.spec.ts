import { describe, expect, it } from '@jest/globals';
import { generateKeyPair, exportJWK } from 'jose';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalEmail, commonConfig, createSealer, CursorInvalid, emailAddress, etag, html, ifMatch, inTrace, isTransient, isUnavailable, JsonLogger, keyRing, loadConfig, pickLanguage, PreconditionMissing, readCursor, renderPage, ResourceStale, seal, secret, signCursor, unseal } from './index.js';

const key = (): string => randomBytes(32).toString('base64url');
const environment = {
  DATABASE_URL: 'postgres://u:p@db.example.org/x', KAFKA_BROKERS: 'a:1,b:2', HTTP_PORT: '3000', PUBLIC_URL: 'https://x.example.org/',
  OIDC_ISSUER: 'https://i.example.org', OIDC_JWKS_URL: 'https://i.example.org/jwks', CURSOR_KEY: key(), REDIS_URL: 'rediss://r.example.org', RATE_LIMIT_KEY: key(),
};

describe('the configuration', () => {
  it('is typed, with defaults for what is not an address or a secret', () => {
    expect(loadConfig(commonConfig, environment)).toMatchObject({ PROFILE: 'production', DURABILITY_PROFILE: 'production', KAFKA_BROKERS: ['a:1', 'b:2'], HTTP_PORT: 3000, PUBLIC_URL: 'https://x.example.org', OUTBOX_POLL_MS: 200 });
  });

  it('names all its problems at once and never a value', () => {
    const wrong = { ...environment, DATABASE_URL: undefined, HTTP_PORT: 'hunter2', CURSOR_KEY: 'hunter2' };
    expect(() => loadConfig(commonConfig, wrong)).toThrow(/DATABASE_URL: missing[^]*HTTP_PORT: not valid[^]*CURSOR_KEY: not valid/);
    expect(() => loadConfig(commonConfig, wrong)).not.toThrow(/hunter2/);
  });

  const two = commonConfig.extend({ OTHER_KEY: secret, RING_KEYS: keyRing });
  it('refuses weak and shared secrets outside the local profile', () => {
    const shared = { ...environment, OTHER_KEY: environment.CURSOR_KEY, RING_KEYS: JSON.stringify({ 1: Buffer.alloc(32).toString('base64url') }) };
    expect(() => loadConfig(two, shared)).toThrow(/OTHER_KEY: the same secret as CURSOR_KEY[^]*RING_KEYS: too weak/);
    expect(loadConfig(two, { ...shared, PROFILE: 'local' }).RING_KEYS.current).toBe(1);
    const twice = key();
    expect(() => loadConfig(two, { ...environment, OTHER_KEY: key(), RING_KEYS: JSON.stringify({ 1: twice, 2: twice }) })).toThrow('RING_KEYS: the same secret as RING_KEYS');
  });

  it('refuses plain connections outside the local profile', () => {
    const plain = { ...environment, OIDC_JWKS_URL: 'http://i.example.org/jwks' };
    expect(() => loadConfig(commonConfig, plain)).toThrow('OIDC_JWKS_URL: must be https');
    expect(loadConfig(commonConfig, { ...plain, PROFILE: 'local' }).OIDC_JWKS_URL).toBe(plain.OIDC_JWKS_URL);
  });

  it('takes a variable from the file of its name in the secrets folder, and none from two places', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cahier-secrets-'));
    try {
      writeFileSync(join(folder, 'CURSOR_KEY'), `${environment.CURSOR_KEY}\n`);
      writeFileSync(join(folder, 'UNKNOWN'), 'of somebody else');
      const { CURSOR_KEY, ...rest } = environment;
      expect(loadConfig(commonConfig, { ...rest, SECRETS_FOLDER: folder }).CURSOR_KEY.toString('base64url')).toBe(CURSOR_KEY);
      expect(() => loadConfig(commonConfig, { ...environment, SECRETS_FOLDER: folder })).toThrow('CURSOR_KEY: given twice, in the environment and in SECRETS_FOLDER');
      expect(() => loadConfig(commonConfig, { ...rest, SECRETS_FOLDER: join(folder, 'none') })).toThrow('CURSOR_KEY: missing');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('looks at no variable of somebody else', () => {
    expect(loadConfig(commonConfig, { ...environment, SOMEBODY_ELSES_API_KEY: 'a'.repeat(43) })).not.toHaveProperty('SOMEBODY_ELSES_API_KEY');
  });

  it('knows the newest key of a ring and the older ones', () => {
    const ring = loadConfig(two, { ...environment, OTHER_KEY: key(), RING_KEYS: JSON.stringify({ 2: key(), 10: key() }) }).RING_KEYS;
    expect(ring.current).toBe(10);
    expect(ring.key(2)).toHaveLength(32);
    expect(() => ring.key(3)).toThrow('No key of version 3');
  });
});

describe('an e-mail address', () => {
  it.each([
    'a@b.fr, evil@x.fr', 'a@b.fr;evil@x.fr', '"evil@x.fr"@b.fr', '"x" <evil@x.fr>', 'a\r\nBcc: x@b.fr', 'a@b.fr\r\nBcc: x@b.fr', 'a@b', 'a@-b.fr', 'a..b@c.fr', '.a@c.fr', 'a.@c.fr',
    'а@b.fr', 'a\u202e@b.fr', 'a b@c.fr', 'a@b.fr\0', '@b.fr', `${'a'.repeat(65)}@b.fr`, `a@${'b'.repeat(64)}.fr`, `a@${'b.'.repeat(130)}fr`, 'a@[127.0.0.1]', 'a'.repeat(50_000), `${'a.'.repeat(25_000)}@b.fr`,
  ])('is not %j', (text) => {
    expect(emailAddress.safeParse(text).success).toBe(false);
  });

  it.each(['jeanne.martin+avis@example.org', "o'brien@example.org", 'x@sub.example.co.uk'])('may be %s', (text) => {
    expect(emailAddress.parse(` ${text} `)).toBe(text);
  });

  it('equals its other spellings', () => {
    expect(canonicalEmail(' Jeanne@Example.ORG')).toBe(canonicalEmail('jeanne@example.org'));
  });
});

describe('a cursor', () => {
  const signing = randomBytes(32);
  const schema = z.object({ id: z.number() });
  it('comes back as it was signed', () => {
    expect(readCursor(signing, signCursor(signing, { id: 7 }), schema)).toEqual({ id: 7 });
  });
  it.each(['', 'x', 'x.y', `${Buffer.from('{"id":8}').toString('base64url')}.AAAA`])('%j is refused', (cursor) => {
    expect(() => readCursor(signing, cursor, schema)).toThrow(CursorInvalid);
  });
  it('of another key or another list is refused', () => {
    expect(() => readCursor(signing, signCursor(randomBytes(32), { id: 7 }), schema)).toThrow(CursorInvalid);
    expect(() => readCursor(signing, signCursor(signing, { name: 'x' }), schema)).toThrow(CursorInvalid);
  });
});

describe('If-Match', () => {
  it('gives back the version of an ETag', () => { expect(ifMatch(etag(12))).toBe(12); });
  it('must be there', () => { expect(() => ifMatch(undefined)).toThrow(PreconditionMissing); });
  it.each(['*', '12', 'W/"12"', '"0"', '"12", "13"'])('%s is none of ours', (header) => { expect(() => ifMatch(header)).toThrow(ResourceStale); });
});

describe('a sealed content', () => {
  const schema = z.object({ email: z.string() });
  it('is read by the holder of the private key alone', async () => {
    const [mine, other] = await Promise.all([generateKeyPair('ECDH-ES', { extractable: true }), generateKeyPair('ECDH-ES', { extractable: true })]);
    const [publicJwk, privateJwk, otherJwk] = await Promise.all([exportJWK(mine.publicKey), exportJWK(mine.privateKey), exportJWK(other.privateKey)]);
    const sealed = await seal(publicJwk, { email: 'x@example.org' });
    expect(sealed).not.toContain('example');
    expect(await unseal([otherJwk, privateJwk], sealed, schema)).toEqual({ email: 'x@example.org' });
    await expect(unseal([otherJwk], sealed, schema)).rejects.toThrow('No key opens');
    await expect(unseal([privateJwk], await createSealer(publicJwk)({ name: 'secret-name' }), schema)).rejects.toThrow(/^(?!.*secret-name)/);
  });

  it('shares the key agreement of a sealer and nothing else, for a thousand messages at most', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { extractable: true });
    const sealIt = createSealer({ ...(await exportJWK(publicKey)), kid: '7' });
    const sealed = await Promise.all(Array.from({ length: 1_001 }, (_, i) => sealIt({ email: `p${i}@example.org` })));
    const part = (index: number) => sealed.map((jwe) => jwe.split('.')[index]!);
    expect(JSON.parse(Buffer.from(part(0)[0]!, 'base64url').toString())).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid: '7' });
    expect(new Set(part(0).slice(0, 1_000)).size).toBe(1);
    expect(part(0)[1_000]).not.toBe(part(0)[0]);
    expect(new Set(part(2)).size).toBe(1_001);
    expect(await unseal([await exportJWK(privateKey)], sealed[999]!, schema)).toEqual({ email: 'p999@example.org' });
  });

  it('is refused once a character of it was changed', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { extractable: true });
    const [header, , iv, text, tag] = (await seal(await exportJWK(publicKey), { email: 'x@example.org' })).split('.') as [string, string, string, string, string];
    const other = (part: string) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1);
    for (const changed of [[header, '', other(iv), text, tag], [header, '', iv, other(text), tag], [header, '', iv, text, other(tag)]]) {
      await expect(unseal([await exportJWK(privateKey)], changed.join('.'), schema)).rejects.toThrow('No key opens');
    }
  });
});

describe('failures', () => {
  it.each([['57P01', true], ['08006', true], ['53300', true], ['ECONNREFUSED', true], ['23505', false], ['42P01', false], ['22P02', false], ['40001', false]])('%s: unavailable %s', (code, expected) => {
    expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(expected);
  });
  it('of serialisation and deadlock pass when tried again', () => {
    expect(['40001', '40P01', '23505'].map((code) => isTransient({ code }))).toEqual([true, true, false]);
  });
});

describe('the language', () => {
  it.each([[undefined, 'fr'], ['en', 'en'], ['en-GB,en;q=0.9,fr;q=0.8', 'en'], ['fr-FR,en;q=0.9', 'fr'], ['de', 'fr'], ['*', 'fr'], ['en;q=0.2, fr;q=0.2', 'fr'], [';;;,,,', 'fr']])('of %j is %s', (header, language) => {
    expect(pickLanguage(header)).toBe(language);
  });
});

describe('a page', () => {
  it('escapes every value but what is HTML already', () => {
    const page = renderPage({ language: 'en', title: '<b>&"\'', body: html`<ul>${['<i>', html`<em>ok</em>`].map((item) => html`<li title="${'"x'}">${item}</li>`)}</ul>` });
    expect(page).toContain('<h1>&lt;b&gt;&amp;&quot;&#39;</h1>');
    expect(page).toContain('<li title="&quot;x">&lt;i&gt;</li><li title="&quot;x"><em>ok</em></li>');
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).not.toContain('<script');
  });
});

describe('the log', () => {
  it('holds neither addresses nor secrets, and no line of its own making by the caller', () => {
    const lines: string[] = [];
    const logger = new JsonLogger('test', 'info', { write: (line: string) => { lines.push(line); } });
    logger.warn('550 <someone@example.org> refused\n{"level":"error"}\u001b[31m', 'Mailer');
    logger.log({ message: 'x', token: 'abc', contact: { email: 'a@b.fr' }, request: { authorization: 'Bearer x' } });
    expect(lines).toHaveLength(2);
    for (const kept of ['someone', 'abc', 'a@b', 'Bearer', '\u001b']) expect(lines.join('')).not.toContain(kept);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', service: 'test', context: 'Mailer' });
  });

  it('writes a decision as one line: when, who, what, about what, in which trace', () => {
    const lines: string[] = [];
    const logger = new JsonLogger('test', 'info', { write: (line: string) => { lines.push(line); } });
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    inTrace(`00-${trace}-00f067aa0ba902b7-01`, () => { logger.error({ msg: 'A dead letter', type: 'thing.done.v1', cause: 'no room for a@example.org', attempts: 5 }, 'EventConsumer'); });
    const [line, ...others] = lines;
    expect([line!.endsWith('}\n'), others]).toEqual([true, []]);
    expect(JSON.parse(line!)).toEqual({
      level: 'error', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), service: 'test', context: 'EventConsumer', traceId: trace,
      msg: 'A dead letter', type: 'thing.done.v1', cause: 'no room for [address]', attempts: 5,
    });
  });

  it('keeps the places of a stack, which hold an @ too', () => {
    const lines: string[] = [];
    const logger = new JsonLogger('test', 'info', { write: (line: string) => { lines.push(line); } });
    const error = new Error('x');
    error.stack = 'Error: x of zoe.martin@example.org\n    at run (file:///node_modules/@nestjs/core/router.js:1:2)';
    logger.error(error);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'Error: x of [address]\n    at run (file:///node_modules/@nestjs/core/router.js:1:2)' });
  });
});
