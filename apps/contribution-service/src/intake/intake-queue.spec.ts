import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { OutcomeRow } from './accept-contributions.statement.js';
import { IntakeQueue, type Filing, type WriteBatch } from './intake-queue.js';

const filing = (name: string, bytes = 100): Filing => ({ row: { contribution_id: name } as Filing['row'], sealedBody: Buffer.alloc(bytes), arrivedAt: performance.now() });
const created = (name: string): OutcomeRow => ({ outcome: 'created', contribution_id: name }) as OutcomeRow;
const names = (filings: readonly Filing[]): string[] => filings.map(({ row }) => row.contribution_id);
const roomy = { maxRows: 1_000, maxBytes: 100_000_000, maxWait: 60_000, maxExpectedWait: 60_000 };

/** A database that answers when told to. */
function database(answer: (name: string, batch: number) => OutcomeRow = created) {
  const batches: { names: string[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const write: WriteBatch = (filings) =>
    new Promise((resolve, reject) => {
      const batch = batches.length;
      batches.push({ names: names(filings), finish: () => { resolve(names(filings).map((name) => answer(name, batch))); }, fail: reject });
    });
  return { batches, write };
}

const dataError = () => Object.assign(new Error('bad row'), { code: '22021' });

// The clock stands still unless a test moves it: a busy machine makes no batch slow.
beforeEach(() => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }); });
afterEach(() => { jest.useRealTimers(); });

describe('the queue', () => {
  it('writes at once what comes alone, and together what comes meanwhile', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue(roomy, write);
    const replies = [queue.file(filing('a'))];
    await turn();
    replies.push(queue.file(filing('b')), queue.file(filing('c')));
    await turn();
    expect(batches.map((batch) => batch.names)).toEqual([['a']]);
    batches[0]!.finish();
    await replies[0];
    await turn();
    expect(batches.map((batch) => batch.names)).toEqual([['a'], ['b', 'c']]);
    batches[1]!.finish();
    expect((await Promise.all(replies)).map((row) => row.contribution_id)).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(0);
  });

  it('writes a second batch beside the first once it is full, and never a third', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue(roomy, write);
    const replies = [queue.file(filing('first'))];
    await turn();
    for (let n = 0; n < 255; n++) replies.push(queue.file(filing(`${n}`)));
    await turn();
    expect(batches.map((batch) => batch.names.length)).toEqual([1]);
    replies.push(queue.file(filing('255')));
    await turn();
    for (let n = 0; n < 300; n++) replies.push(queue.file(filing(`more ${n}`)));
    await turn();
    expect(batches.map((batch) => batch.names.length)).toEqual([1, 256]);
    for (let finished = 0; finished < 4; await turn()) for (; finished < batches.length; finished++) batches[finished]!.finish();
    await Promise.all(replies);
    expect(batches.map((batch) => batch.names.length)).toEqual([1, 256, 256, 44]);
  });

  it('writes a few beside a batch that takes longer than usual', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue(roomy, write);
    const replies = [queue.file(filing('slow'))];
    await turn();
    replies.push(queue.file(filing('a')));
    await turn();
    expect(batches.map((batch) => batch.names)).toEqual([['slow']]);
    jest.advanceTimersByTime(25);
    await turn();
    expect(batches.map((batch) => batch.names)).toEqual([['slow'], ['a']]);
    for (const batch of batches) batch.finish();
    await Promise.all(replies);
  });

  it('refuses while a whole batch waits whose first has waited too long', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue({ ...roomy, maxExpectedWait: 100 }, write);
    const replies = Array.from({ length: 2 * 256 + 255 }, (_, n) => queue.file(filing(`${n}`)));
    await turn();
    jest.advanceTimersByTime(101);
    // Less than a batch waits behind the two under way.
    expect(queue.isFull).toBe(false);
    replies.push(queue.file(filing('the last that is let in')));
    expect(queue.isFull).toBe(true);
    await expect(queue.file(filing('late'))).rejects.toMatchObject({ code: 'intake.overloaded' });
    for (let finished = 0; finished < 3; await turn()) for (; finished < batches.length; finished++) batches[finished]!.finish();
    await Promise.all(replies);
    expect(queue.isFull).toBe(false);
  });

  it('writes at most 256 rows and 900 KB together, and what is larger alone', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue(roomy, write);
    const replies = [...Array.from({ length: 300 }, (_, n) => queue.file(filing(`${n}`))), queue.file(filing('large', 600_000)), queue.file(filing('small'))];
    for (let finished = 0; finished < 4; await turn()) for (; finished < batches.length; finished++) batches[finished]!.finish();
    await Promise.all(replies);
    expect(batches.map((batch) => batch.names.length)).toEqual([256, 44, 1, 1]);
  });

  it('refuses beyond its rows and its bytes, counting those being written', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue({ ...roomy, maxRows: 2 }, write);
    const replies = [queue.file(filing('a')), queue.file(filing('b'))];
    await turn();
    await expect(queue.file(filing('c'))).rejects.toMatchObject({ code: 'intake.overloaded', members: { retryAfter: expect.any(Number) } });
    batches[0]!.finish();
    await Promise.all(replies);
    const again = queue.file(filing('d'));
    await turn();
    batches[1]!.finish();
    await again;
    await expect(new IntakeQueue({ ...roomy, maxBytes: 2_000 }, write).file(filing('e', 1_000))).rejects.toMatchObject({ code: 'intake.overloaded' });
  });

  it('puts the undecided into the next batch, in front', async () => {
    const { batches, write } = database((name, batch) => (batch === 0 && name === 'b' ? ({ outcome: 'again' } as OutcomeRow) : created(name)));
    const queue = new IntakeQueue(roomy, write);
    const replies = [queue.file(filing('a')), queue.file(filing('b'))];
    await turn();
    replies.push(queue.file(filing('c')));
    batches[0]!.finish();
    await replies[0];
    await turn();
    expect(batches[1]!.names).toEqual(['b', 'c']);
    batches[1]!.finish();
    expect((await replies[1])?.contribution_id).toBe('b');
    await replies[2];
  });

  it('refuses, and does not send, what has waited too long', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue({ ...roomy, maxWait: 50 }, write);
    const old = { ...filing('old'), arrivedAt: performance.now() - 51 };
    const replies = [queue.file(old), queue.file(filing('young'))];
    await expect(replies[0]).rejects.toMatchObject({ code: 'intake.overloaded' });
    expect(batches[0]!.names).toEqual(['young']);
    batches[0]!.finish();
    await replies[1];
  });

  it('refuses what waits too long behind a database that does not answer', async () => {
    const { batches, write } = database();
    const queue = new IntakeQueue({ ...roomy, maxWait: 50 }, write);
    const hanging = [queue.file(filing('a'))];
    await turn();
    hanging.push(queue.file(filing('b')));
    jest.advanceTimersByTime(25);
    await turn();
    const late = expect(queue.file(filing('c'))).rejects.toMatchObject({ code: 'intake.overloaded' });
    jest.advanceTimersByTime(250);
    await late;
    expect(batches.map((batch) => batch.names)).toEqual([['a'], ['b']]);
    for (const batch of batches) batch.finish();
    await Promise.all(hanging);
  });

  it('finds one bad row among many by halving, and stores the others', async () => {
    const sizes: number[] = [];
    const queue = new IntakeQueue(roomy, async (filings) => {
      sizes.push(filings.length);
      if (names(filings).includes('bad')) throw dataError();
      return names(filings).map(created);
    });
    const replies = await Promise.allSettled(Array.from({ length: 64 }, (_, n) => queue.file(filing(n === 41 ? 'bad' : `${n}`))));
    expect(replies.map(({ status }) => status === 'rejected')).toEqual(Array.from({ length: 64 }, (_, n) => n === 41));
    expect(replies[41]).toMatchObject({ reason: { code: 'contribution.not-storable' } });
    // One more pair for each halving: 64, then 32 + 32 … 1 + 1.
    expect(sizes.length).toBe(13);
  });

  it('tries again after a deadlock, and tells everybody of another failure', async () => {
    const errors = [Object.assign(new Error('deadlock'), { code: '40P01' }), Object.assign(new Error('serialization'), { code: '40001' })];
    const patient = new IntakeQueue(roomy, async (filings) => {
      const error = errors.shift();
      if (error) throw error;
      return names(filings).map(created);
    });
    expect((await patient.file(filing('a'))).outcome).toBe('created');

    const gone = new Error('Connection terminated unexpectedly');
    const cut = new IntakeQueue(roomy, () => Promise.reject(gone));
    const replies = await Promise.allSettled([cut.file(filing('a')), cut.file(filing('b'))]);
    expect(replies).toEqual([{ status: 'rejected', reason: gone }, { status: 'rejected', reason: gone }]);
    expect(cut.depth).toBe(0);
  });
});
