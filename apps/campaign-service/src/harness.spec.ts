import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import type { Envelope } from '@cahier/contracts';
import { createApp, loadConfig } from '@cahier/platform';
import { createTestDatabase, testConfig, testIssuer, type TestIssuer } from '@cahier/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { JWK } from 'jose';
import type { DataSource } from 'typeorm';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema } from './config.js';
import { dataSourceOptions } from './data-source.js';

/** What the specs of this service share: the whole service on a database of its own, without a broker, and ways to talk to it. */

/** As `JSON.parse` types it: replies are read as they come. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Json;
  readonly text: string;
}

export interface TestService {
  readonly app: NestFastifyApplication;
  readonly db: DataSource;
  readonly contactKey: JWK;
  readonly issuer: TestIssuer;
  /** As a campaign manager unless `token` is given; null for nobody. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, options?: { tag?: string; known?: string; token?: string | null; type?: string }): Promise<Reply>;
  /** Envelopes of the outbox about one key, in order. */
  said(key: string): Promise<Envelope[]>;
  stop(): Promise<void>;
}

export async function startService(settings: Record<string, string> = {}): Promise<TestService> {
  const contact = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = await testIssuer();
  const database = await createTestDatabase((url) => dataSourceOptions(url, 4));
  const config = loadConfig(configSchema, testConfig({
    DATABASE_URL: database.url, KAFKA_BROKERS: '127.0.0.1:9', OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl,
    CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(contact.publicKey.export({ format: 'jwk' })),
    // Tests fire the schedule themselves, and say when.
    SCHEDULER_POLL_MS: '3600000', OUTBOX_POLL_MS: '3600000', ...settings,
  }));
  const app = await createApp(AppModule.with(config), { service: SERVICE, config, ...api, logger: false });
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  const manager = await issuer.token({ roles: ['campaign-manager'], sub: 'manager', name: 'Responsable de campagne' });
  return {
    app, db: database.db, contactKey: contact.privateKey.export({ format: 'jwk' }), issuer,
    ask: async (method, path, body, { tag, known, token = manager, type = 'application/json' } = {}) => {
      const reply = await fastify.inject({
        method, url: path,
        headers: { ...(body !== undefined && { 'content-type': type }), ...(tag !== undefined && { 'if-match': tag }), ...(known !== undefined && { 'if-none-match': known }), ...(token !== null && { authorization: `Bearer ${token}` }) },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const json = /json(;|$)/.test(String(reply.headers['content-type']));
      return { status: reply.statusCode, headers: reply.headers, body: json ? JSON.parse(reply.body) : undefined, text: reply.body };
    },
    said: async (key) => (await database.db.query<{ envelope: string }[]>('SELECT envelope FROM outbox WHERE key = $1 ORDER BY position', [key])).map(({ envelope }) => JSON.parse(envelope) as Envelope),
    stop: async () => {
      await app.close();
      await issuer.stop();
      await database.drop();
    },
  };
}

const both = (fr: string, en = fr) => ({ fr, en });

/** Complete content of a draft, for Europe/Paris. */
export const content = (editionId: string, steeringBodyIds: string[], changes: Record<string, unknown> = {}) => ({
  editionId, steeringBodyIds, kind: 'consultation', title: both('Doctrine du numérique en santé', 'Doctrine of digital health'), presentation: both('Une présentation.', 'A presentation.'),
  rules: {
    purpose: both('Objet'), participation: both('Participation'), followUp: both('Suites'),
    responsibleService: { name: both('Délégation au numérique', 'Digital delegation'), email: 'delegation@example.org', postalAddress: '1 rue de l’Exemple, 75000 Paris', telephone: '01 00 00 00 00' },
  },
  audiences: ['citizen'], reminderHoursBeforeClosing: [24], zone: 'Europe/Paris', opensAtLocal: '2030-03-01T09:00', closesAtLocal: '2030-04-15T18:00', ...changes,
});

export const MARKDOWN = '# Chapitre\n\nIntroduction.\n\n## Article 1\n\nPremier alinéa.\n\nSecond alinéa.\n';

export interface Prepared {
  readonly campaignId: string;
  readonly bodyId: string;
  readonly memberId: string;
  readonly editionId: string;
}

let year = 2000;
let bodies = 0;

/** A complete draft with a document, and a steering body with one member. */
export async function draft({ ask }: TestService, changes: Record<string, unknown> = {}): Promise<Prepared> {
  const { steeringBodyId: bodyId } = (await ask('POST', '/staff/steering-bodies', { code: `COPIL-${++bodies}`, name: both('Comité de pilotage', 'Steering committee') })).body;
  const { memberId } = (await ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Membre du comité', email: 'membre@example.org', language: 'fr' })).body;
  const { programmeId } = (await ask('POST', '/staff/programmes', { title: both('Doctrine') })).body;
  const { editionId } = (await ask('POST', `/staff/programmes/${programmeId}/editions`, { year: ++year, label: both(`Édition ${year}`) })).body;
  const created = await ask('POST', '/staff/campaigns', content(editionId, [bodyId], changes));
  if (created.status !== 201) throw new Error(created.text);
  const { campaignId } = created.body;
  await ask('PUT', `/staff/campaigns/${campaignId}/document`, MARKDOWN, { type: 'text/markdown' });
  return { campaignId, bodyId, memberId, editionId };
}

/** As `draft`, and scheduled. */
export async function scheduled(service: TestService, changes: Record<string, unknown> = {}): Promise<Prepared & { tag: string }> {
  const prepared = await draft(service, changes);
  const { tag } = await act(service, prepared.campaignId, 'schedule');
  return { ...prepared, tag };
}

/** One action with the tag of now. */
export async function act(service: TestService, campaignId: string, action: string, body: unknown = {}): Promise<Reply & { tag: string }> {
  const { headers } = await service.ask('GET', `/staff/campaigns/${campaignId}`);
  const reply = await service.ask('POST', `/staff/campaigns/${campaignId}/${action}`, body, { tag: String(headers['etag']) });
  return { ...reply, tag: String(reply.headers['etag']) };
}
