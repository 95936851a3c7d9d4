import { campaignCancelled, campaignOpened, envelopeOf } from '@cahier/contracts';
import { DomainError } from '@cahier/platform';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { anotherPool, at, campaign, consumerOf, database, effects, opened, recordEffect, topic } from '../harness.spec.js';
import type { EventContext, ReceivedEvent } from './on-event.js';

let test: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());
afterEach(() => test.db.query('TRUNCATE effect, inbox, dead_letter'));

const deadLetters = (): Promise<{ cause: string; attempts: number; event_id: string | null; event_type: string | null; value: Buffer }[]> =>
  test.db.query('SELECT cause, attempts, event_id, event_type, value FROM dead_letter ORDER BY message_offset');
const inbox = async () => (await test.db.query('SELECT 1 FROM inbox')).length;

class NoSuchCampaign extends DomainError {
  readonly code = 'test.no-such-campaign';
  readonly kind = 'conflict';
  readonly title = { fr: 'x', en: 'x' };
}

describe('an event delivered twice', () => {
  it('has one effect, in one chunk, in two, and beside new ones', async () => {
    const { consumer } = consumerOf(test.db);
    const [one, two] = [opened(campaign()), opened(campaign())];
    expect(await consumer.receive(topic, [one, one])).toMatchObject({ handled: 1, duplicates: 1 });
    expect(await consumer.receive(topic, [one, two])).toMatchObject({ handled: 1, duplicates: 1 });
    expect(await effects(test.db)).toHaveLength(2);
    expect(await inbox()).toBe(2);
  });

  it('has one effect when two members of the group hold it at once', async () => {
    const replica = await anotherPool(test.url);
    const chunk = Array.from({ length: 50 }, () => opened(campaign()));
    const receipts = await Promise.all([consumerOf(test.db).consumer.receive(topic, chunk), consumerOf(replica).consumer.receive(topic, [...chunk].reverse())]);
    await replica.destroy();
    expect(receipts.reduce((sum, { handled }) => sum + handled, 0)).toBe(50);
    expect(await effects(test.db)).toHaveLength(50);
  });

  it('is recognised whatever the case of its id', async () => {
    const { consumer } = consumerOf(test.db);
    const event = JSON.parse(opened(campaign())) as { id: string };
    const upper = JSON.stringify({ ...event, id: event.id.toUpperCase() });
    expect(await consumer.receive(topic, [upper])).toMatchObject({ handled: 1 });
    expect(await consumer.receive(topic, [JSON.stringify(event)])).toMatchObject({ handled: 0, duplicates: 1 });
    expect(await effects(test.db)).toHaveLength(1);
  });
});

describe('a chunk', () => {
  it('is handled in its order, in one transaction', async () => {
    const transactions = new Set<string>();
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      const [{ id }] = await context.tx.query('SELECT pg_current_xact_id()::text AS id');
      transactions.add(id as string);
      await recordEffect(payload, context);
    });
    const data = campaign();
    await consumer.receive(topic, [opened(data, 1), opened(data, 2), opened(data, 3)]);
    expect((await effects(test.db)).map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(transactions.size).toBe(1);
  });

  it('goes on around an event whose handler fails: that one alone becomes a dead letter, after bounded attempts', async () => {
    const poison = randomUUID();
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      await recordEffect(payload, context);
      if (context.event.subject === poison) throw new TypeError('Camille Durand has no opinion');
    });
    const neighbours = [campaign(), campaign()];
    const receipt = await consumer.receive(topic, [opened(neighbours[0]!), opened(campaign(poison)), opened(neighbours[1]!)]);

    expect(receipt).toEqual({ handled: 2, duplicates: 0, ignored: 0, deadLetters: 1 });
    expect((await effects(test.db)).map(({ subject }) => subject)).toEqual(neighbours.map(({ campaignId }) => campaignId));
    expect(await deadLetters()).toEqual([expect.objectContaining({ event_type: campaignOpened.type, attempts: 5, cause: expect.stringMatching(/^TypeError at event-consumer\.int\.spec\.ts:\d+$/) })]);
    // Not in the inbox: it may still be replayed, or come again.
    expect(await inbox()).toBe(2);
  });

  it('is not held up by a rule that says no: no second attempt', async () => {
    const { consumer } = consumerOf(test.db, async () => {
      throw new NoSuchCampaign({ fr: 'Camille', en: 'Camille' });
    });
    await consumer.receive(topic, [opened(campaign())]);
    expect(await deadLetters()).toEqual([expect.objectContaining({ attempts: 1, cause: expect.stringMatching(/^NoSuchCampaign test\.no-such-campaign/) })]);
  });

  it('goes on around a handler whose statement the database refuses', async () => {
    const poison = randomUUID();
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      await recordEffect(payload, context);
      if (context.event.subject === poison) await context.tx.query(`SELECT 'Camille'::int`);
    });
    await consumer.receive(topic, [opened(campaign(poison)), opened(campaign())]);
    expect(await effects(test.db)).toHaveLength(1);
    expect(await deadLetters()).toEqual([expect.objectContaining({ cause: expect.stringMatching(/^QueryFailedError 22P02/) })]);
  });

  it('succeeds at a later attempt of one of its events', async () => {
    let failures = 3;
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      if (failures-- > 0) throw new Error('not yet');
      await recordEffect(payload, context);
    });
    expect(await consumer.receive(topic, [opened(campaign())])).toMatchObject({ handled: 1, deadLetters: 0 });
    expect(await effects(test.db)).toHaveLength(1);
  });

  it('asks whether the partition is still ours between attempts, and ends when it is not', async () => {
    const { consumer } = consumerOf(test.db, async () => {
      throw new Error('always');
    });
    const message = { topic, partition: 0, offset: '7', value: Buffer.from(opened(campaign())) };
    await expect(consumer.handle([message], async () => Promise.reject(new Error('rebalance')))).rejects.toThrow('rebalance');
    expect(await deadLetters()).toEqual([]);
  });
});

describe('trouble that passes', () => {
  const sqlstate = (code: string) => Object.assign(new Error('database'), { code });
  it.each(['57P01', '08006', '53300', '40001', '40P01', 'ECONNREFUSED'])('%s is thrown: no attempt counted, nothing kept, nothing lost', async (code) => {
    let calls = 0;
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      await recordEffect(payload, context);
      if (++calls === 2) throw sqlstate(code);
    });
    const chunk = [opened(campaign()), opened(campaign())];
    await expect(consumer.receive(topic, chunk)).rejects.toMatchObject({ code });
    expect(calls).toBe(2);
    expect([await effects(test.db), await deadLetters(), await inbox()]).toEqual([[], [], 0]);

    expect(await consumer.receive(topic, chunk)).toMatchObject({ handled: 2, deadLetters: 0 });
    expect(await effects(test.db)).toHaveLength(2);
  });

  it('includes a rule that says: not now', async () => {
    class StoreAway extends DomainError {
      readonly code = 'test.store-away';
      readonly kind = 'unavailable';
      readonly title = { fr: 'x', en: 'x' };
    }
    const { consumer } = consumerOf(test.db, async () => {
      throw new StoreAway('away');
    });
    await expect(consumer.receive(topic, [opened(campaign())])).rejects.toThrow(StoreAway);
    expect(await deadLetters()).toEqual([]);
  });

  it('in the middle of handling one by one leaves what was done recognised', async () => {
    const [good, poison, unlucky] = [campaign(), campaign(), campaign()];
    let away = true;
    const { consumer } = consumerOf(test.db, async (payload, context) => {
      await recordEffect(payload, context);
      if (context.event.subject === poison.campaignId) throw new NoSuchCampaign('no');
      if (context.event.subject === unlucky.campaignId && away) throw sqlstate('57P01');
    });
    const chunk = [opened(good), opened(poison), opened(unlucky)].map((value, i) => ({ topic, partition: 1, offset: String(i), value: Buffer.from(value) }));
    await expect(consumer.handle(chunk)).rejects.toMatchObject({ code: '57P01' });
    away = false;
    await consumer.handle(chunk);
    expect((await effects(test.db)).map(({ subject }) => subject)).toEqual([good.campaignId, unlucky.campaignId]);
    expect(await deadLetters()).toHaveLength(1);
  });
});

describe('what is not an event', () => {
  const broken = (change: (envelope: Record<string, unknown>) => void): string => {
    const envelope = JSON.parse(opened(campaign())) as Record<string, unknown>;
    change(envelope);
    return JSON.stringify(envelope);
  };
  const secret = 'camille.durand@example.org';

  it.each([
    ['not JSON', `{"email":"${secret}"`, /^SyntaxError: not JSON$/],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), /^SyntaxError: not JSON$/],
    ['empty', '', /^SyntaxError: not JSON$/],
    ['another shape', JSON.stringify({ [secret]: secret }), /^ZodError specversion invalid_value, id invalid_type/],
    ['a version that is not one', broken((e) => (e['aggregateversion'] = secret)), /^ZodError aggregateversion invalid_type$/],
    ['data that breaks the contract', broken((e) => (e['data'] = { ...(e['data'] as object), kind: secret, title: { fr: 'x', en: 'x', [secret]: 1 } })), /^ZodError title unrecognized_keys, kind invalid_value$/],
    ['the wrong subject', broken((e) => (e['subject'] = `${secret}\u0000`)), /^subject is not campaignId$/],
  ])('%s: a dead letter at once, between good neighbours, with a cause that quotes nothing', async (_, value, cause) => {
    const { consumer } = consumerOf(test.db);
    const receipt = await consumer.receive(topic, [opened(campaign()), value, opened(campaign())]);
    expect(receipt).toMatchObject({ handled: 2, deadLetters: 1 });
    const [letter, ...others] = await deadLetters();
    expect(others).toEqual([]);
    expect(letter!.cause).toMatch(cause);
    expect(JSON.stringify({ ...letter, value: '' })).not.toContain('camille');
    expect(letter!.value).toEqual(Buffer.from(value));
  });

  it('is one dead letter however often it is delivered from its place', async () => {
    const { consumer } = consumerOf(test.db);
    const message = { topic, partition: 2, offset: '42', value: Buffer.from('?') };
    await consumer.handle([message]);
    await consumer.handle([message]);
    expect(await deadLetters()).toHaveLength(1);
  });

  it('of an unknown type, or of one on another topic, is passed over', async () => {
    const { consumer } = consumerOf(test.db);
    const unknown = broken((e) => (e['type'] = 'campaign.renamed.v7'));
    expect(await consumer.receive(topic, [unknown])).toEqual({ handled: 0, duplicates: 0, ignored: 1, deadLetters: 0 });
    expect(await consumer.receive('report.events', [opened(campaign())])).toMatchObject({ ignored: 1 });
    expect([await deadLetters(), await inbox()]).toEqual([[], 0]);
  });
});

describe('a batch handler', () => {
  it('gets consecutive events of its type in one call, of each key only the highest version', async () => {
    const calls: { subjects: [string, number][]; last: EventContext['event'] }[] = [];
    const { consumer } = consumerOf(
      test.db,
      async (payload, { event }) => {
        const events = payload as ReceivedEvent<typeof campaignOpened>[];
        calls.push({ subjects: events.map(({ data, version }) => [data.campaignId, version]), last: event });
      },
      true,
    );
    const [a, b] = [campaign(), campaign()];
    const cancelled = JSON.stringify(envelopeOf(campaignCancelled, { ...a, reason: 'x' }, 4, at));
    await consumer.receive(topic, [opened(a, 1), opened(b, 1), opened(a, 3), opened(a, 2), cancelled, opened(b, 2)]);

    expect(calls.map(({ subjects }) => subjects)).toEqual([
      [[a.campaignId, 3], [b.campaignId, 1]],
      [[a.campaignId, 4]],
      [[b.campaignId, 2]],
    ]);
    expect(calls[1]!.last).toMatchObject({ type: campaignCancelled.type, subject: a.campaignId, version: 4, time: at });
    // Collapsed or not, each was received.
    expect(await inbox()).toBe(6);
  });

  it('that fails for one event gets them one by one', async () => {
    const poison = randomUUID();
    const { consumer } = consumerOf(
      test.db,
      async (payload, context) => {
        const events = payload as ReceivedEvent<typeof campaignOpened>[];
        await recordEffect(payload, context);
        if (events.some(({ data }) => data.campaignId === poison)) throw new NoSuchCampaign('no');
      },
      true,
    );
    await consumer.receive(topic, [opened(campaign()), opened(campaign(poison)), opened(campaign())]);
    expect(await effects(test.db)).toHaveLength(2);
    expect(await deadLetters()).toHaveLength(1);
  });
});
