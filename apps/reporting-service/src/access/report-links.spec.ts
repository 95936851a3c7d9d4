import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ReportLinks } from './report-links.js';

const at = new Date('2026-10-05T07:00:00.000Z');
const [reportId, member] = [randomUUID(), randomUUID()];
const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
const links = new ReportLinks(await exportJWK(publicKey));
const token = await new SignJWT({ reportId }).setProtectedHeader({ alg: 'EdDSA' }).setIssuer('notification-service').setAudience('reporting-service').setSubject(member)
  .setExpirationTime(at.getTime() / 1_000 + 60).sign(privateKey);

describe('a link to a report', () => {
  it('names its member until it expires', async () => {
    expect(await links.memberOf(token, reportId, at)).toBe(member);
    expect(await links.memberOf(token, randomUUID(), at)).toBeUndefined();
    expect(await links.memberOf(token, reportId, new Date(at.getTime() + 60_000))).toBeUndefined();
  });

  it('that was tampered with, or is something else, opens nothing', async () => {
    const header = fc.dictionary(fc.constantFrom('alg', 'crit', 'b64', 'typ', 'kid'), fc.oneof(fc.constantFrom<unknown>('EdDSA', 'none', 'HS256', ['b64'], false, 7), fc.json()));
    const part = fc.oneof(fc.string(), header.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')), fc.constantFrom(...token.split('.')));
    // Of the last letter some bits mean nothing.
    const tampered = fc.tuple(fc.nat(token.length - 2), fc.constantFrom(...'AZaz09-_.')).map(([n, letter]) => token.slice(0, n) + letter + token.slice(n + 1));
    const texts = fc.oneof(fc.string(), fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')), tampered).filter((text) => text !== token);
    await fc.assert(fc.asyncProperty(texts, async (text) => { expect(await links.memberOf(text, reportId, at)).toBeUndefined(); }), { numRuns: 2_000 });
  });

  it('cannot be told right from wrong with a key that is none: that is no fault of the link', async () => {
    const unfit = new ReportLinks({ kty: 'OKP', crv: 'Ed25519', x: randomBytes(5).toString('base64url') });
    await expect(unfit.memberOf(token, reportId, at)).rejects.toThrow();
    await expect(new ReportLinks({ kty: 'oct', k: randomBytes(32).toString('base64url') }).memberOf(token, reportId, at)).rejects.toThrow(TypeError);
  });
});
