import { consumers, eventId, campaignOpened } from '@cahier/contracts';
import { commonConfig, createApp, loadConfig, PlatformModule } from '@cahier/platform';
import { testConfig } from '@cahier/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type DynamicModule, type INestApplication, Module } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { append, at, campaign, committed, createTopics, database, effects, eventually, kafka, recordEffect, topic } from '../harness.spec.js';
import { connectEvents, MessagingModule, OnEvent, outboxFacts, recoverCommand, Relay, type EventContext, type SaidFact } from '../index.js';

/** A publisher and a reader, each put back to an earlier time: their tables are what they were then, Kafka goes on. */

@Controller()
class Handle {
  @OnEvent(...consumers['contribution-service']!['campaign.events']!.handled)
  async handle(@Payload() data: unknown, @Ctx() context: EventContext): Promise<void> {
    await recordEffect(data, context);
  }
}

@Module({})
class Database {
  static with(db: DataSource): DynamicModule {
    return { module: Database, global: true, providers: [{ provide: DataSource, useValue: db }], exports: [DataSource] };
  }
}

@Module({})
class Root {}

let writer: Awaited<ReturnType<typeof database>>;
let reader: Awaited<ReturnType<typeof database>>;
let environment: Record<string, string>;
const apps: INestApplication[] = [];
beforeEach(async () => {
  writer = await database();
  reader = await database();
  environment = { OUTBOX_POLL_MS: '20', ...testConfig({}) };
  await createTopics(kafka(), environment['TOPIC_PREFIX']!);
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await writer.drop();
  await reader.drop();
});

async function serviceOf(service: 'campaign-service' | 'contribution-service') {
  const config = loadConfig(commonConfig, environment);
  const { db } = service === 'campaign-service' ? writer : reader;
  const imports = [Database.with(db), PlatformModule.forRoot({ service, config }), MessagingModule.forRoot({ service, config, facts: outboxFacts })];
  const app = await createApp({ module: Root, imports, controllers: service === 'campaign-service' ? [] : [Handle] }, { service, config, title: 'x', description: 'x', logger: false });
  apps.push(app);
  return { app, config };
}

async function recover(service: 'campaign-service' | 'contribution-service', patienceMs?: number) {
  const { app, config } = await serviceOf(service);
  const adopted: SaidFact[] = [];
  const [done, ...notes] = await recoverCommand({ service, config, app, ...(patienceMs !== undefined && { patienceMs }), adopt: async (_, fact) => { adopted.push(fact); return undefined; }, settle: async () => [] });
  expect(adopted.map((fact) => fact.at)).toEqual(adopted.map(() => at));
  return { done, notes, versions: adopted.map(({ version }) => version) };
}

async function stop(): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
}

/** One campaign's events, published, by a service that then stops. */
async function say(campaignId: string, ...versions: number[]): Promise<void> {
  for (const version of versions) await append(writer.db, campaign(campaignId), version);
  const { app } = await serviceOf('campaign-service');
  await connectEvents(app);
  await eventually('all is published', async () => (await writer.db.query('SELECT FROM outbox WHERE published_at IS NULL')).length === 0);
  await stop();
}

interface Backup { readonly rows: object[]; readonly positions: object[] }
const backup = async (db: DataSource, table: 'outbox' | 'inbox'): Promise<Backup> => ({ rows: await db.query(`SELECT * FROM ${table}`), positions: await db.query('SELECT * FROM topic_position') });
async function restore(db: DataSource, table: 'outbox' | 'inbox', { rows, positions }: Backup): Promise<void> {
  await db.query(`TRUNCATE ${table}, effect, topic_position`);
  for (const [name, all] of [[table, rows], ['topic_position', positions]] as const) await db.query(`INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::${name}, $1::jsonb)`, [JSON.stringify(all)]);
}

describe('a publisher whose database was restored', () => {
  it('does not start; recover makes true again what it had said since, in order, and then it does', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1, 2);
    const earlier = await backup(writer.db, 'outbox');
    await say(campaignId, 3, 4, 5);
    await restore(writer.db, 'outbox', earlier);

    const { app } = await serviceOf('campaign-service');
    await expect(connectEvents(app)).rejects.toThrow(/campaign\.events holds 3 events that the outbox does not know.*recover/);
    await expect(app.get(Relay).drain()).resolves.toBe(0);
    await append(writer.db, campaign(), 1);
    await expect(app.get(Relay).drain()).rejects.toThrow('restored');

    expect(await recover('campaign-service')).toEqual({ done: 'campaign-service: 3 facts that it had said and 0 that it had heard are true again.', notes: [], versions: [3, 4, 5] });
    expect((await recover('campaign-service')).versions).toEqual([]);
    const told: { envelope: string }[] = await writer.db.query('SELECT envelope FROM outbox WHERE key = $1 ORDER BY position', [campaignId]);
    expect(told.map(({ envelope }) => (JSON.parse(envelope) as { aggregateversion: number }).aggregateversion)).toEqual([1, 2, 3, 4, 5]);
    await expect(append(writer.db, campaign(campaignId), 5)).rejects.toThrow('outbox_id_key');
    await stop();
    await say(campaignId, 6);
  });

  it('is not taken for restored when it died between producing and marking, nor when Kafka has lost everything', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1);
    const { positions } = await backup(writer.db, 'outbox');
    await say(campaignId, 2, 3);
    await writer.db.query('UPDATE outbox SET published_at = NULL WHERE id = $1', [eventId(campaignOpened.type, campaignId, 3)]);
    await restore(writer.db, 'outbox', { rows: await writer.db.query('SELECT * FROM outbox'), positions });
    await say(campaignId, 4);

    await writer.db.query('UPDATE topic_position SET next_offset = next_offset + 1000');
    await say(campaignId, 5);
  });

  it('is recovered past what somebody else has written into its topic', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1);
    const earlier = await backup(writer.db, 'outbox');
    const stranger = kafka().producer();
    await stranger.connect();
    await stranger.send({ topic: `${environment['TOPIC_PREFIX']}${topic}`, messages: [{ key: campaignId, value: 'not JSON' }, { key: campaignId, value: '{"id":"of another shape"}' }] });
    await stranger.disconnect();
    await say(campaignId, 2);
    await restore(writer.db, 'outbox', earlier);

    expect(await recover('campaign-service')).toMatchObject({ notes: ['2 messages in campaign.events were written by somebody else: they are left out.'], versions: [2] });
    await say(campaignId, 3);
  });

  it('does not start either where the topic was made anew since and holds less than it had said', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1);
    const earlier = await backup(writer.db, 'outbox');
    await say(campaignId, 2);
    await restore(writer.db, 'outbox', earlier);
    await writer.db.query('UPDATE topic_position SET next_offset = next_offset + 1000');

    const { app } = await serviceOf('campaign-service');
    await expect(connectEvents(app)).rejects.toThrow('campaign.events holds 1 events that the outbox does not know');
  });

  it('is not taken for restored where retention has removed what lies before its position', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1, 2);
    await say(campaignId); // at its start it learns how far it had said
    await writer.db.query('DELETE FROM outbox');
    await say(campaignId);
  });

  it('is not taken for restored, nor waits, where Kafka has removed what lies behind its position', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1, 2); // the position is before the last batch
    const admin = kafka().admin();
    await admin.connect();
    const name = `${environment['TOPIC_PREFIX']}${topic}`;
    await admin.deleteTopicRecords({ topic: name, partitions: (await admin.fetchTopicOffsets(name)).map(({ partition, high }) => ({ partition, offset: high })) });
    await admin.disconnect();
    await say(campaignId);
  });

  it('that has spoken since is not mended: two facts have one id', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1);
    const earlier = await backup(writer.db, 'outbox');
    await say(campaignId, 2);
    await restore(writer.db, 'outbox', earlier);
    await append(writer.db, campaign(campaignId, { state: 'cancelled' }), 2);
    await expect(recover('campaign-service')).rejects.toThrow(/Restore again/);
  });
});

describe('a reader whose database was restored', () => {
  const hear = async (n: number): Promise<void> => {
    const { app, config } = await serviceOf('contribution-service');
    await connectEvents(app);
    await eventually('all is handled', async () => (await committed(kafka(), config.TOPIC_PREFIX)) === n);
    await expect(recover('contribution-service', 0)).rejects.toThrow(/Stop .*contribution-service/);
    // It waits for one that is going, as it waits for one that was killed.
    const waiting = recover('contribution-service');
    apps.splice(apps.indexOf(app), 1);
    await app.close();
    expect((await waiting).done).toContain('0 that it had heard');
    await stop();
  };

  it('does not start; recover hears again what its group has passed, once each', async () => {
    const { campaignId } = campaign();
    await say(campaignId, 1, 2);
    await hear(2);
    const earlier = await backup(reader.db, 'inbox');
    await say(campaignId, 3, 4);
    await hear(4);
    await restore(reader.db, 'inbox', earlier);

    const { app } = await serviceOf('contribution-service');
    await expect(connectEvents(app)).rejects.toThrow(/2 events of campaign\.events were handled and have left no trace/);
    expect((await recover('contribution-service')).done).toBe('contribution-service: 0 facts that it had said and 2 that it had heard are true again.');
    expect((await effects(reader.db)).map(({ version }) => version)).toEqual([3, 4]);
    await stop();
    await hear(4);
    expect(await effects(reader.db)).toHaveLength(2);
  });
});
