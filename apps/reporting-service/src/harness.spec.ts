import 'reflect-metadata';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  campaignScheduled, contributionSubmitted, documentPublished, envelopeOf, IntakeDigest, type CampaignFacts, type ContributionFacts, type DataOf, type EventContract,
} from '@cahier/contracts';
import { deliver, EventConsumer } from '@cahier/messaging';
import { createApp, loadConfig } from '@cahier/platform';
import { createTestDatabase, testConfig, testIssuer, type TestIssuer } from '@cahier/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SignJWT } from 'jose';
import type { DataSource } from 'typeorm';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema, type Config } from './config.js';
import { dataSourceOptions } from './data-source.js';
import { tryReport } from './export/make-report.js';
import type { Outcome, ReportOrder } from './export/report-order.js';
import { ForkedReportMaker, ReportMaker } from './reports/report-maker.js';

/** What the specs of this service share: the whole service on a database of its own, without a broker, and ways to tell it events. */

/** Read as it comes: the assertions are the types. */
export type Parsed = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** Parsed where it is JSON. */
  readonly body: Parsed;
  readonly bytes: Buffer;
}

export interface TestService {
  readonly app: NestFastifyApplication;
  readonly db: DataSource;
  readonly config: Config;
  readonly issuer: TestIssuer;
  /** Signs links as notification-service does. */
  link(claims: { reportId: string; member: string; expiresIn?: number } & Record<string, unknown>): Promise<string>;
  send(method: 'GET' | 'POST', path: string, headers: Record<string, string>, payload?: string): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Headers of a member of staff. */
  as(role: string, bodies?: string[]): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** Makes reports in the test's own process: the same code as the child's, without the cost of starting one. */
export class InProcess extends ReportMaker {
  override make(order: ReportOrder): Promise<Outcome> {
    return tryReport(order);
  }
}

/** Makes each report in a child process, from the sources. @param env added to the child's environment. */
export function forkedFromSource(env: Record<string, string> = {}): ForkedReportMaker {
  const project = new URL('../../..', import.meta.url).pathname;
  return new ForkedReportMaker(new URL('./export/make-report.program.ts', import.meta.url), {
    execArgv: ['--conditions=@cahier/source', '--import', '@swc-node/register/esm-register'],
    env: { ...process.env, NODE_OPTIONS: '--no-warnings', SWC_NODE_PROJECT: join(project, 'apps/reporting-service/tsconfig.lib.json'), ...env },
  });
}

export async function startService({ maker = new InProcess(), settings = {} }: { maker?: ReportMaker; settings?: Record<string, string> } = {}): Promise<TestService> {
  const issuer = await testIssuer();
  const database = await createTestDatabase((url) => dataSourceOptions(url, 4));
  const folder = mkdtempSync(join(tmpdir(), 'cahier-reports-'));
  const keys = generateKeyPairSync('ed25519');
  const config = loadConfig(configSchema, testConfig({
    DATABASE_URL: database.url, DATABASE_POOL: '6', KAFKA_BROKERS: '127.0.0.1:9', OIDC_ISSUER: issuer.issuer, OIDC_JWKS_URL: issuer.jwksUrl,
    REPORT_LINK_PUBLIC_JWK: JSON.stringify(keys.publicKey.export({ format: 'jwk' })), REPORT_STORE_FOLDER: folder, ...settings,
  }));
  const app = await createApp(AppModule.with(config, { maker }), { service: SERVICE, config, title: 'test', description: 'test', logger: false });
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  const request = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string): Promise<Reply> => {
    const reply = await fastify.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    const json = /json\b/.test(String(reply.headers['content-type'])) && !String(reply.headers['content-disposition']).includes('attachment');
    return { status: reply.statusCode, headers: reply.headers, body: json ? JSON.parse(reply.body) : undefined, bytes: reply.rawPayload };
  };
  return {
    app, db: database.db, config, issuer,
    link: ({ reportId, member, expiresIn = 600, ...claims }) =>
      new SignJWT({ iss: 'notification-service', aud: 'reporting-service', sub: member, reportId, exp: Math.floor(Date.now() / 1_000) + expiresIn, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(keys.privateKey),
    send: request,
    get: (path, headers = {}) => request('GET', path, headers),
    post: (path, body, headers = {}) => request('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(body)),
    as: async (role, bodies = []) => ({ authorization: `Bearer ${await issuer.token({ roles: [role], bodies })}` }),
    stop: async () => {
      await app.close();
      await issuer.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const sample = <T>(type: string): T => (JSON.parse(readFileSync(new URL(`../../../libs/contracts/samples/${type}.json`, import.meta.url), 'utf8')) as { data: T }).data;

/** A campaign of March 2026 in Paris, with one steering body COPIL of one member. */
export function campaign(changes: Partial<CampaignFacts> = {}): CampaignFacts {
  const known = sample<CampaignFacts>('campaign.scheduled.v1');
  return {
    ...known, campaignId: randomUUID(), state: 'open',
    window: { zone: 'Europe/Paris', opensAt: '2026-03-02T08:00:00.000Z', closesAt: '2026-03-06T17:00:00.000Z', opensAtLocal: '2026-03-02T09:00', closesAtLocal: '2026-03-06T18:00' },
    steeringBodies: [{ bodyId: randomUUID(), code: 'COPIL', name: { fr: 'Comité de pilotage', en: 'Steering committee' }, members: [{ memberId: randomUUID(), sealedContact: 'x' }] }],
    ...changes,
  };
}

/** A contribution as submitted; ids are ascending in the order of the calls, so that expectations can be written down. */
export function contribution(campaignId: string, changes: Partial<Omit<ContributionFacts, 'classification' | 'text'>> & { classification?: Partial<ContributionFacts['classification']>; text?: Partial<NonNullable<ContributionFacts['text']>> } = {}): DataOf<typeof contributionSubmitted> {
  const { classification, text, ...facts } = changes;
  const n = ++filed;
  const targets = classification?.targets ?? [];
  return {
    contributionId: `${n.toString(16).padStart(8, '0')}-0000-4000-8000-${randomUUID().slice(-12)}`, campaignId, filingNumber: `F-${String(n).padStart(6, '0')}`, receivedAt: '2026-03-03T10:00:00.000Z',
    bodySha256: n.toString(16).padStart(64, '0'), status: 'filed',
    ...facts,
    classification: { kind: 'proposal', language: 'fr', publication: 'anonymous', ...classification, targets },
    text: { body: `Texte ${n}`, quotes: targets.map(() => null), ...text },
  };
}
let filed = 0;

/** Version 1 of each, in one chunk, as Kafka would bring them. */
export async function submit(service: TestService, ...contributions: DataOf<typeof contributionSubmitted>[]): Promise<void> {
  await chunk(service, contributionSubmitted, contributions.map((data) => [data, 1]));
}

/** Events of one type in one chunk. */
export async function chunk<C extends EventContract>(service: TestService, contract: C, events: readonly (readonly [DataOf<C>, number])[]): Promise<void> {
  // Connects the handlers: `deliver` does it for one event.
  const [first, ...rest] = events;
  if (!first) return;
  await deliver(service.app, contract, first[0], first[1]);
  await service.app.get(EventConsumer).receive(contract.topic.name, rest.map(([data, version]) => JSON.stringify(envelopeOf(contract, data, version, new Date('2026-03-02T09:00:00.000Z')))));
}

/** A campaign with its document: chapter 1 with sections 1.1 (two paragraphs) and 1.2. */
export async function heardCampaign(service: TestService, changes: Partial<CampaignFacts> = {}): Promise<{ facts: CampaignFacts; campaignId: string; chapter: string; first: string; second: string; paragraph: string }> {
  const facts = campaign(changes);
  const { campaignId } = facts;
  const [chapter, first, second, paragraph, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const hash = '0'.repeat(64);
  await deliver(service.app, campaignScheduled, facts, 1);
  await deliver(service.app, documentPublished, {
    campaignId, title: { fr: 'Projet', en: 'Draft' },
    nodes: [
      { id: chapter, kind: 'chapter', number: '1', heading: 'Chapitre', hash },
      { id: first, kind: 'section', parentId: chapter, number: '1.1', heading: 'Première section', hash },
      { id: paragraph, kind: 'paragraph', parentId: first, number: '1.1.1', excerpt: 'Un', hash },
      { id: other, kind: 'paragraph', parentId: first, number: '1.1.2', excerpt: 'Deux', hash },
      { id: second, kind: 'section', parentId: chapter, number: '1.2', heading: 'Deuxième section', hash },
    ],
  }, 2);
  return { facts, campaignId, chapter, first, second, paragraph };
}

/** What contribution-service would seal. */
export function sealOf(campaignId: string, closesAt: string, contributions: readonly ContributionFacts[]) {
  const digest = new IntakeDigest();
  for (const { contributionId, bodySha256, status } of contributions.toSorted((a, b) => (a.contributionId < b.contributionId ? -1 : 1))) digest.add(contributionId, bodySha256, status === 'withdrawn');
  return { campaignId, closesAt, accepted: contributions.length, withdrawn: contributions.filter(({ status }) => status === 'withdrawn').length, digest: digest.hex() };
}

/** Waits until `look` finds something; for what the service does by itself. */
export async function until<T>(look: () => Promise<T | undefined | false>, seconds = 20): Promise<T> {
  for (let waited = 0; waited < seconds * 1_000; waited += 50) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`Not within ${seconds} s: ${look.toString()}`);
}

/** The campaign's report of a kind, once it is in one of these states. */
export async function reportIn(service: TestService, campaignId: string, kind: 'closing' | 'interim', ...states: string[]): Promise<Parsed> {
  return until(async () => (await service.db.query<Parsed[]>('SELECT * FROM report WHERE campaign_id = $1 AND kind = $2 AND state = ANY($3) ORDER BY version DESC LIMIT 1', [campaignId, kind, states]))[0]);
}

/** Events of this service about a report, oldest first. */
export async function told(service: TestService, reportId: string): Promise<Parsed[]> {
  const rows = await service.db.query<{ envelope: string }[]>('SELECT envelope FROM outbox WHERE key = $1 ORDER BY position', [reportId]);
  return rows.map(({ envelope }) => JSON.parse(envelope));
}
