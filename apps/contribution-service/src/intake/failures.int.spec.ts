import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { heardCampaign, lockTable, proposal, Proxy, startService, stored, until, waitingBatches, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

/** Runs `work` while something in the database is not as usual. */
async function whileDatabase(change: string, undo: string, work: () => Promise<void>): Promise<void> {
  await service.db.query(change);
  try {
    await work();
  } finally {
    await service.db.query(undo);
  }
}

describe('one bad row in a batch', () => {
  it('is refused alone', async () => {
    const { campaignId } = await heardCampaign(service);
    // Stands for whatever a database may refuse that no check of ours foresees.
    await whileDatabase(`ALTER TABLE contribution ADD CONSTRAINT poison CHECK (text ->> 'body' NOT LIKE 'poison%')`, 'ALTER TABLE contribution DROP CONSTRAINT poison', async () => {
      const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => service.file(campaignId, proposal({ body: i % 25 === 7 ? `poison ${i}` : `sain ${i}` }))));
      const refused = replies.filter(({ status }) => status !== 201);
      expect(refused.map(({ status, body }) => [status, body.type])).toEqual(Array(2).fill([422, '/problems/contribution.not-storable']));
      const { contributions, events } = await stored(service.db, campaignId);
      expect([contributions.length, events.length]).toEqual([48, 48]);
      expect(contributions.some(({ text }) => text.body.startsWith('poison'))).toBe(false);
    });
  });
});

describe('a database that fails', () => {
  it.each(['40001', '40P01'])('for a moment (%s) is asked again', async (code) => {
    const { campaignId } = await heardCampaign(service);
    await service.db.query('CREATE SEQUENCE attempt');
    const stumble = `CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('attempt') <= 3 THEN RAISE EXCEPTION 'again' USING ERRCODE = '${code}'; END IF; RETURN NULL; END $$;
      CREATE TRIGGER stumble AFTER INSERT ON contribution FOR EACH STATEMENT EXECUTE FUNCTION stumble()`;
    await whileDatabase(stumble, 'DROP TRIGGER stumble ON contribution; DROP FUNCTION stumble; DROP SEQUENCE attempt', async () => {
      const replies = await Promise.all(Array.from({ length: 5 }, () => service.file(campaignId, proposal())));
      expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(201));
    });
    expect(await stored(service.db, campaignId)).toMatchObject({ contributions: Array(5).fill({}), events: Array(5).fill({}) });
  });

  it('in the middle of a batch is answered 503; nothing is half done, and the same request ends well', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const release = await lockTable('outbox', service);
    const pending = service.file(campaignId, proposal(), key);
    await until(async () => (await waitingBatches(service.db)).length === 1);
    await service.db.query('SELECT pg_terminate_backend($1)', await waitingBatches(service.db));
    const reply = await pending;
    await release();

    expect([reply.status, reply.body.type]).toEqual([503, '/problems/intake.unavailable']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(await stored(service.db, campaignId)).toEqual({ contributions: [], events: [] });
    expect((await service.file(campaignId, proposal(), key)).status).toBe(201);
  });

  it('whose answer is lost after the commit is answered 503, never 201; the same request then gets the one receipt', async () => {
    const proxy = new Proxy();
    const cut = await startService({}, proxy);
    const { campaignId } = await heardCampaign(cut);
    await cut.file(campaignId, proposal());
    const key = randomUUID();

    proxy.mute();
    const pending = cut.file(campaignId, proposal(), key);
    await until(async () => (await stored(cut.db, campaignId)).contributions.length === 2);
    proxy.cut();
    expect((await pending).status).toBe(503);
    expect((await cut.file(campaignId, proposal(), key)).status).toBe(503);
    proxy.heal();

    const again = await cut.file(campaignId, proposal(), key);
    const { contributions, events } = await stored(cut.db, campaignId);
    expect([again.status, contributions.length, events.length]).toEqual([201, 2, 2]);
    expect(contributions.map((row) => row.contribution_id)).toContain(again.body.contributionId);
    await cut.stop();
    proxy.stop();
  });
});

describe('overload', () => {
  it('is refused with 503 beyond the bound, and what was let in is stored', async () => {
    const small = await startService({ QUEUE_MAX_ROWS: '10' });
    const { campaignId } = await heardCampaign(small);
    const replies = await Promise.all(Array.from({ length: 60 }, () => small.file(campaignId, proposal())));
    const accepted = replies.filter(({ status }) => status === 201);
    const refused = replies.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, body, headers } of refused) {
      expect([status, body.type]).toEqual([503, '/problems/intake.overloaded']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await stored(small.db, campaignId)).contributions.map((row) => row.contribution_id).sort()).toEqual(accepted.map(({ body }) => body.contributionId).sort());
    // The room is given back.
    expect((await small.file(campaignId, proposal())).status).toBe(201);
    await small.stop();
  });

  it('is refused when the event loop is late, before anything is read', async () => {
    const late = await startService({ MAX_LOOP_LAG_MS: '1' });
    const { campaignId } = await heardCampaign(late);
    const { LoopLag } = await import('./loop-lag.js');
    Object.defineProperty(late.app.get(LoopLag, { strict: false }), 'ms', { value: 2 });
    await late.app.listen(0, '127.0.0.1');
    const campaign = `${await late.app.getUrl()}/campaigns/${campaignId}`;
    const file = (body: string): Promise<Response> => fetch(`${campaign}/contributions`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body });
    const refused = await file('{ not JSON');
    expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ type: '/problems/intake.overloaded' })]);
    expect(Object.fromEntries(refused.headers)).toMatchObject({ 'retry-after': expect.any(String), 'content-language': 'fr', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect((await file(JSON.stringify(proposal()))).status).toBe(503);
    expect((await stored(late.db, campaignId)).contributions).toEqual([]);
    // Nobody else is turned away.
    expect((await fetch(`${campaign}/window`)).status).toBe(200);
    const metrics = await (await fetch(`${await late.app.getUrl()}/metrics`)).text();
    expect(metrics).toContain('http_request_duration_seconds_count{method="POST",route="/campaigns/:campaignId/contributions",status="5xx"} 2');
    await late.stop();
  });

  it('refuses, and does not judge, what waits too long behind a database that hangs', async () => {
    const slow = await startService({ MAX_QUEUE_WAIT_MS: '1500', MAX_EXPECTED_WAIT_MS: '60000' });
    const { campaignId } = await heardCampaign(slow);
    const release = await lockTable('contribution', slow);
    // Two batches wait for the lock; what comes after waits for them.
    const first = [slow.file(campaignId, proposal())];
    await until(async () => (await waitingBatches(slow.db)).length === 1);
    first.push(slow.file(campaignId, proposal()));
    await until(async () => (await waitingBatches(slow.db)).length === 2);
    expect((await slow.file(campaignId, proposal())).body.type).toBe('/problems/intake.overloaded');
    await release();

    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([201, 201]);
    expect((await stored(slow.db, campaignId)).contributions).toHaveLength(2);
    await slow.stop();
  });
});
