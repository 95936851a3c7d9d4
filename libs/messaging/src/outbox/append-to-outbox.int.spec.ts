import { campaignClosed, campaignOpened, eventId } from '@cahier/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { append, at, campaign, database, opened } from '../harness.spec.js';
import { appendToOutbox, EventTooLarge, outboxValues } from './append-to-outbox.js';
import { OutboxMessage } from './outbox-message.entity.js';

let database_: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  database_ = await database();
  await database_.db.query('CREATE TABLE thing (id uuid PRIMARY KEY)');
});
afterAll(() => database_.drop());

const outboxOf = (key: string) => database_.db.getRepository(OutboxMessage).find({ where: { key }, order: { position: 'ASC' } });
const things = async (id: string) => (await database_.db.query('SELECT id FROM thing WHERE id = $1', [id])).length;

describe('an event and the change it tells of', () => {
  it('are stored together', async () => {
    const data = campaign();
    await database_.db.transaction(async (tx) => {
      await tx.query('INSERT INTO thing (id) VALUES ($1)', [data.campaignId]);
      await appendToOutbox(tx, campaignOpened, data, 1, at);
    });

    expect(await things(data.campaignId)).toBe(1);
    expect(await outboxOf(data.campaignId)).toEqual([
      expect.objectContaining({ id: eventId(campaignOpened.type, data.campaignId, 1), topic: 'campaign.events', envelope: opened(data), publishedAt: null }),
    ]);
  });

  it('are neither stored when the transaction fails after the event', async () => {
    const data = campaign();
    await expect(
      database_.db.transaction(async (tx) => {
        await tx.query('INSERT INTO thing (id) VALUES ($1)', [data.campaignId]);
        await appendToOutbox(tx, campaignOpened, data, 1, at);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');

    expect(await things(data.campaignId)).toBe(0);
    expect(await outboxOf(data.campaignId)).toEqual([]);
  });

  it('are neither stored when the event cannot be recorded', async () => {
    const data = campaign();
    await database_.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    try {
      await expect(
        database_.db.transaction(async (tx) => {
          await tx.query('INSERT INTO thing (id) VALUES ($1)', [data.campaignId]);
          await appendToOutbox(tx, campaignOpened, data, 1, at);
        }),
      ).rejects.toThrow('outbox');
    } finally {
      await database_.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    }
    expect(await things(data.campaignId)).toBe(0);
  });
});

describe('appendToOutbox', () => {
  it('refuses to tell the same version of an aggregate twice', async () => {
    const data = campaign();
    await append(database_.db, data, 1);
    await expect(append(database_.db, data, 1)).rejects.toMatchObject({ code: '23505', constraint: 'outbox_id_key' });
    await append(database_.db, data, 2);
    await append(database_.db, data, 1, campaignClosed);
    expect(await outboxOf(data.campaignId)).toHaveLength(3);
  });

  it('refuses data that breaks the contract, naming the field and not the value', async () => {
    const data = { ...campaign(), kind: 'chez Camille' as 'consultation' };
    await expect(append(database_.db, data)).rejects.toThrow(/^Not a campaign\.opened\.v1: kind invalid_value$/);
  });

  it('refuses an event that no topic would take, when it is written and not when it is published', () => {
    const large = campaign(undefined, { presentation: { fr: 'é'.repeat(950_000), en: 'x' } });
    expect(() => outboxValues(campaignOpened, large, 1, at)).toThrow(EventTooLarge);
    expect(() => outboxValues(campaignOpened, campaign(undefined, { presentation: { fr: 'e'.repeat(950_000), en: 'x' } }), 1, at)).not.toThrow();
  });
});

describe('outboxValues', () => {
  it('are exactly the row that appendToOutbox writes', async () => {
    const data = campaign();
    await append(database_.db, data, 3);
    const { type, ...row } = outboxValues(campaignOpened, data, 3, at);
    expect(type).toBe(campaignOpened.type);
    expect(await outboxOf(data.campaignId)).toEqual([expect.objectContaining(row)]);
  });

  it('have a new id for a new key', () => {
    expect(outboxValues(campaignOpened, campaign(randomUUID()), 1, at).id).not.toBe(outboxValues(campaignOpened, campaign(randomUUID()), 1, at).id);
  });
});
