import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { campaignScheduled, type contributionSubmitted, type CampaignFacts, type ContributionFacts, type DataOf, type DispatchState, type Envelope, type SealedContact } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { createApp, loadConfig, seal } from '@cahier/platform';
import { createTestDatabase, freshPrefix, mailSink, type MailSink, testConfig, testIssuer, type TestIssuer } from '@cahier/testing';
import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema, type Config } from './config.js';
import { dataSourceOptions } from './data-source.js';

/** What the specs of this service share: the whole service on a database of its own, real Redis and SMTP, no broker. */

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
  readonly config: Config;
  readonly sink: MailSink;
  readonly issuer: TestIssuer;
  ask(method: 'GET' | 'POST', path: string, options?: { json?: unknown; form?: Record<string, string>; token?: string }): Promise<Reply>;
  /** States of the dispatch rows of one kind and subject. */
  states(kind: string, subjectId?: string): Promise<DispatchState[]>;
  /** Envelopes of the outbox. */
  said(): Promise<Envelope[]>;
  stop(): Promise<void>;
}

const contactKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const linkKeys = generateKeyPairSync('ed25519');
const publicContactJwk = contactKeys.publicKey.export({ format: 'jwk' });

/** @param settings that differ. With `DISPATCH_POLL_MS` of an hour nothing is sent unless a test does it. */
export async function startService(settings: Record<string, string> = {}): Promise<TestService> {
  const issuer = await testIssuer();
  const sink = await mailSink();
  const database = await createTestDatabase((url) => dataSourceOptions(url, 4));
  const config = loadConfig(configSchema, testConfig({
    DATABASE_URL: database.url, KAFKA_BROKERS: '127.0.0.1:9', OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl, OUTBOX_POLL_MS: '3600000',
    CONTACT_SEALING_PRIVATE_JWKS: JSON.stringify([contactKeys.privateKey.export({ format: 'jwk' })]), REPORT_LINK_PRIVATE_JWK: JSON.stringify(linkKeys.privateKey.export({ format: 'jwk' })),
    LINK_KEYS: JSON.stringify({ 1: randomBytes(32).toString('base64url') }), SMTP_URL: `smtp://${sink.host}:${sink.port}`, MAIL_FROM: 'Consultation <consultation@example.org>',
    QUEUE_PREFIX: freshPrefix().replace('.', ''), CAMPAIGN_PUBLIC_URL: 'https://campaigns.example.org', CONTRIBUTION_PUBLIC_URL: 'https://contributions.example.org',
    REPORTING_PUBLIC_URL: 'https://reports.example.org', DISPATCH_POLL_MS: '50', SMTP_TIMEOUT_SECONDS: '5', ...settings,
  }));
  const app = await createApp(AppModule.with(config), { service: SERVICE, config, ...api, logger: false });
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  return {
    app, db: database.db, config, sink, issuer,
    ask: async (method, path, { json, form, token } = {}) => {
      const reply = await fastify.inject({
        method, url: path,
        headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), ...(token && { authorization: `Bearer ${token}` }) },
        ...(json !== undefined && { payload: JSON.stringify(json) }), ...(form && { payload: new URLSearchParams(form).toString() }),
      });
      const isJson = /json(;|$)/.test(String(reply.headers['content-type']));
      return { status: reply.statusCode, headers: reply.headers, body: isJson ? JSON.parse(reply.body) : undefined, text: reply.body };
    },
    states: async (kind, subjectId) => (await database.db.query<{ state: DispatchState }[]>('SELECT state FROM dispatch WHERE kind = $1 AND ($2::uuid IS NULL OR subject_id = $2) ORDER BY position', [kind, subjectId ?? null])).map(({ state }) => state),
    said: async () => (await database.db.query<{ envelope: string }[]>('SELECT envelope FROM outbox ORDER BY position')).map(({ envelope }) => JSON.parse(envelope) as Envelope),
    stop: async () => {
      await app.close();
      await Promise.all([sink.stop(), issuer.stop()]);
      await database.drop();
    },
  };
}

const sample = <T>(type: string): T => (JSON.parse(readFileSync(new URL(`../../../libs/contracts/samples/${type}.json`, import.meta.url), 'utf8')) as { data: T }).data;

/** Facts of a campaign of its own, open unless `changes` say otherwise. */
export function campaign(changes: Partial<CampaignFacts> = {}): CampaignFacts {
  return { ...sample<CampaignFacts>('campaign.scheduled.v1'), campaignId: randomUUID(), state: 'open', steeringBodies: [], ...changes };
}

export async function heard(service: TestService, changes: Partial<CampaignFacts> = {}): Promise<CampaignFacts> {
  const facts = campaign(changes);
  await deliver(service.app, campaignScheduled, facts, 1);
  return facts;
}

export const sealed = (contact: SealedContact): Promise<string> => seal(publicContactJwk, contact);

/** A contribution whose author gave an address. */
export async function contribution(campaignId: string, email: string, changes: Partial<ContributionFacts> = {}): Promise<DataOf<typeof contributionSubmitted>> {
  const known = sample<DataOf<typeof contributionSubmitted>>('contribution.submitted.v1');
  return { ...known, contributionId: randomUUID(), campaignId, sealedContact: await sealed({ email, language: 'fr', managementToken: 'jeton-de-gestion' }), ...changes } as DataOf<typeof contributionSubmitted>;
}

/** Waits until it holds, and says what it waited for when it does not. */
export async function until(holds: () => Promise<boolean> | boolean, what = 'the condition'): Promise<void> {
  for (const start = Date.now(); !(await holds()); await pause(20)) if (Date.now() - start > 50_000) throw new Error(`Waited 50 s for ${what}`);
}

let addresses = 0;
export const freshAddress = (): string => `personne-${++addresses}@example.org`;

/** A confirmed subscription. @returns its id and address. */
export async function subscribed(service: TestService, campaignId: string): Promise<{ address: string; subscriptionId: string }> {
  const address = freshAddress();
  await service.ask('POST', '/subscriptions', { json: { email: address, language: 'fr', campaignId, consent: true } });
  const [row] = await service.db.query<{ subscription_id: string }[]>(`UPDATE subscription SET state = 'confirmed', confirmed_at = now() WHERE recipient = $1 RETURNING subscription_id`, [address]).then(([rows]) => rows as unknown as { subscription_id: string }[]);
  await service.db.query(`DELETE FROM dispatch WHERE recipient = $1`, [address]);
  return { address, subscriptionId: row!.subscription_id };
}

/** The journal's statements, those of `away` answered as by a database that is not there. @returns how many there were. */
export function statementsOfTheJournal({ app }: TestService, away: () => boolean = () => false): () => number {
  const db = app.get(DataSource);
  const create = db.createQueryRunner.bind(db);
  let count = 0;
  jest.spyOn(db, 'createQueryRunner').mockImplementation((mode) => {
    const runner = create(mode);
    const connect = runner.connect.bind(runner);
    // TypeORM's own queries pass here too.
    jest.spyOn(runner, 'connect').mockImplementation(async () => {
      const client = (await connect()) as ClientBase;
      return { query: (statement: unknown, ...rest: unknown[]) => {
        if (typeof statement === 'object') {
          count++;
          if (away()) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        }
        return (client.query as (...args: unknown[]) => unknown)(statement, ...rest);
      } };
    });
    return runner;
  });
  return () => count;
}
