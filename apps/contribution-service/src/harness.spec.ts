import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { campaignScheduled, documentPublished, envelopeSchema, type CampaignFacts, type DataOf } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { createApp, loadConfig } from '@cahier/platform';
import { createTestDatabase, testConfig, testIssuer, type TestIssuer } from '@cahier/testing';
import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { JWK } from 'jose';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema, type Config } from './config.js';
import { dataSourceOptions } from './data-source.js';

/** What the specs of this service share: the whole service on a database of its own, without a broker, and ways to talk to it. */

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

/** As `JSON.parse` types it: replies, rows and events are read as they come. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** Parsed where it is JSON. */
  readonly body: Json;
  readonly text: string;
}

export interface TestService {
  readonly app: NestFastifyApplication;
  readonly db: DataSource;
  readonly url: string;
  readonly config: Config;
  /** What `config` was read from: for a replica in a process of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Opens what is sealed for notification-service. */
  readonly contactKey: JWK;
  readonly issuer: TestIssuer;
  request(method: 'GET' | 'POST', path: string, options?: { headers?: Record<string, string>; payload?: string | Buffer }): Promise<Reply>;
  /** Files a contribution; a string or Buffer is sent as it is. */
  file(campaignId: string, body: unknown, key?: string): Promise<Reply>;
  stop(): Promise<void>;
}

const key = (): string => JSON.stringify({ 1: randomBytes(32).toString('base64url') });
const contact = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Keys of the service that the tests start; the same for all replicas of one test file. */
const keys = { CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(contact.publicKey.export({ format: 'jwk' })), BODY_KEYS: key(), TOKEN_KEYS: key(), PARTICIPANT_KEYS: key() };

/**
 * @param settings environment variables that differ. With `DATABASE_URL`: a replica on that database.
 * @param through what the service's own connections pass; the test's do not.
 */
export async function startService(settings: Record<string, string> = {}, through?: Proxy): Promise<TestService> {
  const issuer = await testIssuer();
  const database = await createTestDatabase((url) => dataSourceOptions(url, 4));
  const environment = testConfig({
    DATABASE_URL: through ? await through.start(database.url) : database.url, DATABASE_POOL: '6', KAFKA_BROKERS: '127.0.0.1:9', OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl,
    // On a machine busy with other tests the loop is late; nothing here is about that.
    ...keys, MAX_LOOP_LAG_MS: '60000', SEAL_POLL_MS: '3600000', ...settings,
  });
  const config = loadConfig(configSchema, environment);
  const app = await createApp(AppModule.with(config), { service: SERVICE, config, title: 'test', description: 'test', logger: false });
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  const request: TestService['request'] = async (method, path, { headers = {}, payload } = {}) => {
    const reply = await fastify.inject({ method, url: path, headers, ...(payload !== undefined && { payload }) });
    const json = /json(;|$)/.test(String(reply.headers['content-type']));
    return { status: reply.statusCode, headers: reply.headers, body: json ? JSON.parse(reply.body) : undefined, text: reply.body };
  };
  return {
    app, db: database.db, url: database.url, config, environment, contactKey: contact.privateKey.export({ format: 'jwk' }), issuer, request,
    file: (campaignId, body, idempotencyKey = randomUUID()) =>
      request('POST', `/campaigns/${campaignId}/contributions`, {
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    stop: async () => {
      await app.close();
      await issuer.stop();
      await database.drop();
    },
  };
}

/** Stands between a service and PostgreSQL, to take the one away from the other. */
export class Proxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private muted = false;
  private down = false;
  private server?: Server;

  /** @returns the address to use instead. */
  async start(url: string): Promise<string> {
    const target = new URL(url);
    const address = new URL(url);
    this.server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      const pair: [Socket, Socket] = [client, upstream];
      this.pairs.add(pair);
      for (const socket of pair) socket.on('error', () => undefined).on('close', () => { for (const one of pair) one.destroy(); this.pairs.delete(pair); });
      if (this.down) return client.destroy();
      client.pipe(upstream);
      return upstream.on('data', (chunk) => { if (!this.muted) client.write(chunk); });
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    address.hostname = '127.0.0.1';
    address.port = String((this.server.address() as AddressInfo).port);
    return address.href;
  }

  /** What PostgreSQL answers no longer arrives. */
  mute(): void {
    this.muted = true;
  }

  /** Ends all connections and refuses new ones. */
  cut(): void {
    this.down = true;
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  heal(): void {
    this.muted = false;
    this.down = false;
  }

  stop(): void {
    this.cut();
    this.server?.close();
  }
}

const sample = <T>(type: string): T => (JSON.parse(readFileSync(new URL(`../../../libs/contracts/samples/${type}.json`, import.meta.url), 'utf8')) as { data: T }).data;

/** An hour from now, or before it. */
export const hour = 3_600_000;

/** As an event tells it; open from an hour ago for an hour unless `changes` say otherwise. */
export function campaign(changes: Partial<CampaignFacts> & { opensAt?: Date; closesAt?: Date } = {}): CampaignFacts {
  const { opensAt = new Date(Date.now() - hour), closesAt = new Date(Date.now() + hour), ...facts } = changes;
  const known = sample<CampaignFacts>('campaign.scheduled.v1');
  return { ...known, campaignId: randomUUID(), state: 'open', window: { ...known.window!, opensAt: opensAt.toISOString(), closesAt: closesAt.toISOString() }, ...facts };
}

/** A campaign that the service has heard of, the way it hears of them. */
export async function heardCampaign(service: TestService, changes: Parameters<typeof campaign>[0] = {}): Promise<CampaignFacts> {
  const facts = campaign(changes);
  await deliver(service.app, campaignScheduled, facts, 1);
  return facts;
}

/** Its document: one chapter, one section, two paragraphs. */
export async function heardOutline(service: TestService, campaignId: string, version = 2): Promise<{ chapter: string; section: string; paragraphs: string[] }> {
  const [chapter, section, first, second] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const node = { number: '1', hash: '0'.repeat(64) };
  const nodes: DataOf<typeof documentPublished>['nodes'] = [
    { ...node, id: chapter, kind: 'chapter' },
    { ...node, id: section, kind: 'section', parentId: chapter },
    { ...node, id: first, kind: 'paragraph', parentId: section },
    { ...node, id: second, kind: 'paragraph', parentId: section },
  ];
  await deliver(service.app, documentPublished, { campaignId, title: { fr: 'Projet', en: 'Draft' }, nodes }, version);
  return { chapter, section, paragraphs: [first, second] };
}

/** Keeps everybody else from a table, until released. */
export async function lockTable(table: string, { url }: TestService): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
}

/** Resolves when it holds; the test's own time limit is the only one. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Intake connections of the service that wait for a lock. */
export async function waitingBatches(db: DataSource): Promise<number[]> {
  const rows = await db.query<{ pid: number }[]>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'contribution-service intake' AND wait_event_type = 'Lock'`,
  );
  return rows.map(({ pid }) => pid);
}

/** A valid body. */
export const proposal = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'proposal', targets: [], body: 'Plus d’arbres\ndans les rues.', publication: { preference: 'anonymous' }, ...changes,
});

/** What the campaign's table holds, and what waits to be published about it. */
export async function stored(db: DataSource, campaignId: string): Promise<{ contributions: Json[]; events: Json[] }> {
  const contributions = await db.query<Json[]>('SELECT * FROM contribution WHERE campaign_id = $1 ORDER BY received_at, contribution_id', [campaignId]);
  const outbox = await db.query<{ envelope: string }[]>(`SELECT envelope FROM outbox WHERE envelope::jsonb -> 'data' ->> 'campaignId' = $1 ORDER BY position`, [campaignId]);
  return { contributions, events: outbox.map(({ envelope }) => envelopeSchema.parse(JSON.parse(envelope))) };
}
