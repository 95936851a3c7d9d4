import { campaignCancelled, campaignOpened, consumers, envelopeOf } from '@cahier/contracts';
import { commonConfig, createApp, currentTraceparent, DomainError, loadConfig, PlatformModule, Readiness } from '@cahier/platform';
import { readTopic } from '../kafka/read-topic.js';
import { testConfig, testServers } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Catch, Controller, type DynamicModule, Injectable, Module, type CanActivate, type ExceptionFilter, type PipeTransform, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { at, campaign, committed, createTopics, database, effects, eventually, kafka, opened, produce, recordEffect, topic } from '../harness.spec.js';
import { appendToOutbox, connectEvents, deliver, EventConsumer, MessagingModule, OnEvent, OnEventBatch, outboxFacts, Relay, type EventContext, type ReceivedEvent } from '../index.js';

/** The handlers of a service as services write them, in an application as services build it. */

const handled = consumers['contribution-service']!['campaign.events']!.handled;
const others = handled.filter((contract) => contract !== campaignOpened && contract !== campaignCancelled);

class CampaignRefused extends DomainError {
  readonly code = 'test.campaign-refused';
  readonly kind = 'conflict';
  readonly title = { fr: 'x', en: 'x' };
}

let refused: string | undefined;
const batches: string[][] = [];

@Controller()
class TrackCampaign {
  @OnEvent(campaignOpened)
  async opened(@Payload() data: { campaignId: string }, @Ctx() context: EventContext): Promise<void> {
    if (data.campaignId === refused) throw new CampaignRefused('no');
    await recordEffect(data, context);
    await appendToOutbox(context.tx, campaignCancelled, { ...campaign(data.campaignId), reason: currentTraceparent() ?? 'no trace' }, context.event.version, context.event.time);
  }

  @OnEventBatch(campaignCancelled)
  async cancelled(@Payload() events: ReceivedEvent<typeof campaignCancelled>[], @Ctx() _: EventContext): Promise<void> {
    batches.push(events.map(({ data }) => data.campaignId));
  }
}

@Controller()
class IgnoreOthers {
  @OnEvent(...others)
  async handle(): Promise<void> {}
}

@Injectable()
class NobodyEnters implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class SpoilEverything implements PipeTransform {
  transform(): unknown {
    return 'spoilt';
  }
}

@Catch()
class SwallowEverything implements ExceptionFilter {
  catch(): void {}
}

const enhancers = [{ provide: APP_GUARD, useClass: NobodyEnters }, { provide: APP_PIPE, useClass: SpoilEverything }, { provide: APP_FILTER, useClass: SwallowEverything }];

let test: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());

@Module({})
class Database {
  static with(db: DataSource): DynamicModule {
    return { module: Database, global: true, providers: [{ provide: DataSource, useValue: db }], exports: [DataSource] };
  }
}

@Module({})
class Root {}

const apps: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await test.db.query('TRUNCATE effect, inbox, dead_letter, outbox');
  refused = undefined;
  batches.length = 0;
});

async function serviceOf(controllers: Type[], service = 'contribution-service', readinessNeedsBroker = true, environment: Record<string, string> = {}) {
  const config = loadConfig(commonConfig, testConfig({ OUTBOX_POLL_MS: '20', ...environment }));
  const imports = [Database.with(test.db), PlatformModule.forRoot({ service, config }), MessagingModule.forRoot({ service, config, facts: outboxFacts, readinessNeedsBroker })];
  const app = await createApp({ module: Root, imports, controllers, providers: enhancers }, { service, config, title: 'x', description: 'x', logger: false });
  apps.push(app);
  return { app, config };
}

describe('a handler', () => {
  it('is called through Kafka with data and transaction, whatever guards, pipes and filters HTTP has', async () => {
    const { app, config } = await serviceOf([TrackCampaign, IgnoreOthers]);
    await createTopics(kafka(), config.TOPIC_PREFIX);
    const data = campaign();
    await produce(kafka(), config.TOPIC_PREFIX, [{ key: data.campaignId, value: opened(data, 7) }]);
    await connectEvents(app);

    await eventually('it is handled', async () => (await effects(test.db)).length === 1);
    expect(await effects(test.db)).toEqual([{ subject: data.campaignId, version: 7 }]);
    await eventually('the offset is committed', async () => (await committed(kafka(), config.TOPIC_PREFIX)) >= 1);
  });

  it('that throws a DomainError is understood: rolled back, one dead letter with its code, no second attempt', async () => {
    const { app } = await serviceOf([TrackCampaign, IgnoreOthers]);
    const data = campaign();
    refused = data.campaignId;
    expect(await deliver(app, campaignOpened, data, 1)).toMatchObject({ deadLetters: 1 });
    expect(await test.db.query('SELECT attempts, cause FROM dead_letter')).toEqual([{ attempts: 1, cause: expect.stringMatching(/^CampaignRefused test\.campaign-refused/) }]);
    expect(await effects(test.db)).toEqual([]);
  });

  it('takes a batch where it says so', async () => {
    const { app } = await serviceOf([TrackCampaign, IgnoreOthers]);
    await deliver(app, campaignOpened, campaign(), 1);
    const [a, b] = [campaign(), campaign()];
    const cancelled = (data: typeof a, version: number) => JSON.stringify(envelopeOf(campaignCancelled, { ...data, reason: 'x' }, version, at));
    await app.get(EventConsumer).receive(topic, [cancelled(a, 1), cancelled(b, 1), cancelled(a, 2)]);
    expect(batches).toEqual([[a.campaignId, b.campaignId]]);
  });

  it('speaks in the trace of what it heard, through the outbox and Kafka', async () => {
    const { app, config } = await serviceOf([TrackCampaign, IgnoreOthers]);
    await createTopics(kafka(), config.TOPIC_PREFIX);
    const data = campaign();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const producer = kafka().producer();
    await producer.connect();
    await producer.send({ topic: `${config.TOPIC_PREFIX}${topic}`, messages: [{ key: data.campaignId, value: opened(data), headers: { traceparent } }] });
    await producer.disconnect();
    await connectEvents(app);

    const answer = await eventually('the answer is published', async () => {
      app.get(Relay).wake();
      return (await readTopic(testServers().kafkaBrokers, `${config.TOPIC_PREFIX}${topic}`)).find(({ headers }) => headers['ce_type'] === campaignCancelled.type);
    });
    expect(answer?.headers['traceparent']).toBe(traceparent);
  });
});

describe('at start-up', () => {
  it('a handler of a misspelt type is named, and nothing starts', async () => {
    @Controller()
    class Misspelt {
      @EventPattern<string>('campaign.openend.v1')
      async handle(): Promise<void> {}
    }
    const { app } = await serviceOf([TrackCampaign, IgnoreOthers, Misspelt]);
    await expect(connectEvents(app)).rejects.toThrow('handlers of types that are not declared: campaign.openend.v1');
  });

  it('a declared type without a handler is named', async () => {
    const { app } = await serviceOf([IgnoreOthers]);
    await expect(connectEvents(app)).rejects.toThrow('declared types without a handler: campaign.opened.v1, campaign.cancelled.v1');
  });

  it('a request-response handler is refused: services do not call one another', async () => {
    @Controller()
    class Answers {
      @MessagePattern<string>('campaign.window')
      async handle(): Promise<void> {}
    }
    const { app } = await serviceOf([TrackCampaign, IgnoreOthers, Answers]);
    await expect(connectEvents(app)).rejects.toThrow('campaign.window');
  });

  it.each([true, false])('the broker need not be there; the readiness asks for it: %s', async (readinessNeedsBroker) => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const { app } = await serviceOf([TrackCampaign, IgnoreOthers], 'contribution-service', readinessNeedsBroker, { KAFKA_BROKERS: `127.0.0.1:${port}` });
    await connectEvents(app);
    await test.db.transaction((tx) => appendToOutbox(tx, campaignOpened, campaign(), 1, at));
    app.get(Relay).wake();
    await app.listen(0, '127.0.0.1');
    expect(await app.get(Readiness).report()).toMatchObject({ ready: !readinessNeedsBroker });
  });

  it('a service that reads nothing needs no handler', async () => {
    const { app } = await serviceOf([], 'campaign-service');
    await connectEvents(app);
  });
});
