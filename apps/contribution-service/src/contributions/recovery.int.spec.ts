import { randomUUID } from 'node:crypto';
import { campaignClosed } from '@cahier/contracts';
import { deliver, saidFact } from '@cahier/messaging';
import { shiftClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adoptFact } from '../adopt-fact.js';
import { campaign, heardCampaign, hour, proposal, startService, type Reply, type TestService } from '../harness.spec.js';
import { Sealer } from '../seal/sealer.js';
import { settleRecovery } from '../seal/settle-recovery.js';

let service: TestService;
let moderator: string;
beforeAll(async () => {
  service = await startService();
  moderator = await service.issuer.token({ roles: ['moderator'], sub: 'm-1', name: 'Modératrice' });
});
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });
afterAll(async () => { await service.stop(); });

const TABLES = ['contribution', 'moderation', 'intake_seal'];
const moderate = (id: string, action: string): Promise<Reply> =>
  service.request('POST', `/staff/contributions/${id}/${action}`, { headers: { authorization: `Bearer ${moderator}`, 'content-type': 'application/json' }, payload: '{"reason":"Injure"}' });
const withdraw = (id: string, token: string): Promise<Reply> => service.request('POST', `/contributions/${id}/withdraw`, { headers: { authorization: `Bearer ${token}` } });

/** What people and staff can be told of it, without what is lost: the body, who moderated. */
const everything = () => Promise.all([
  service.db.query('SELECT contribution_id, campaign_id, key_hash, filing_number, received_at, body_sha256, token_key, participant_ref, sealed_contact, classification, text, status, version, changed_at FROM contribution ORDER BY 1'),
  service.db.query('SELECT contribution_id, version, action, reason, at FROM moderation ORDER BY 1, 2'),
  service.db.query('SELECT campaign_id, closes_at, sealed_at, announced_at IS NOT NULL AS announced, accepted, withdrawn, digest FROM intake_seal'),
]);

describe('a database that was restored', () => {
  it('to any moment, is what it was once all that was said since is adopted', async () => {
    const { campaignId } = await heardCampaign(service);
    const backups: { name: string; said: number }[] = [];
    const backUp = async (): Promise<void> => {
      const name = `backup_${backups.length}`;
      for (const table of TABLES) await service.db.query(`CREATE TABLE ${name}_${table} AS TABLE ${table}`);
      backups.push({ name, said: (await envelopes()).length });
    };
    const envelopes = async (): Promise<string[]> => (await service.db.query<{ envelope: string }[]>('SELECT envelope FROM outbox ORDER BY position')).map(({ envelope }) => envelope);

    await backUp();
    const key = randomUUID();
    const first = (await service.file(campaignId, proposal({ contact: { email: 'zoe@example.org', consent: true } }), key)).body;
    await backUp();
    const second = (await service.file(campaignId, proposal())).body;
    await moderate(first.contributionId, 'hide');
    await backUp();
    await withdraw(second.contributionId, second.managementToken);
    await moderate(first.contributionId, 'show');
    const third = (await service.file(campaignId, proposal())).body;
    await moderate(third.contributionId, 'hide');
    await backUp();
    await shiftClock(service.db, { by: 3 * hour });
    await deliver(service.app, campaignClosed, { ...campaign(), campaignId, state: 'closed' }, 2);
    await service.app.get(Sealer).sealDue();
    const truth = await everything();
    const said = await envelopes();
    expect([backups.map((backup) => backup.said), said.length]).toEqual([[0, 1, 3, 7], 8]);

    for (const backup of backups) {
      await service.db.query(`TRUNCATE ${TABLES.join(', ')}`);
      for (const table of TABLES) await service.db.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE TABLE ${backup.name}_${table}`);
      const notes: (string | undefined)[] = [];
      for (const envelope of said.slice(backup.said)) notes.push(await service.db.transaction((tx) => adoptFact(tx, saidFact(envelope))));
      expect(notes.filter((note) => note !== undefined)).toEqual([]);
      expect(await everything()).toEqual(truth);
    }
    // Kafka may still have what the outbox has dropped as old: it changes nothing, and takes no moderator's name away.
    for (const envelope of said) await service.db.transaction((tx) => adoptFact(tx, saidFact(envelope)));
    expect(await everything()).toEqual(truth);
    expect(await service.db.query('SELECT DISTINCT actor_name FROM moderation')).toEqual([{ actor_name: 'Modératrice' }]);

    // What was read back says that its body is lost; what the backup had keeps it.
    expect(await service.db.query('SELECT body_sealed IS NULL AS lost, restored_at IS NOT NULL AS restored FROM contribution')).toEqual([{ lost: false, restored: false }, { lost: false, restored: false }, { lost: false, restored: false }]);
    await service.db.query(`TRUNCATE ${TABLES.join(', ')}`);
    for (const envelope of said) await service.db.transaction((tx) => adoptFact(tx, saidFact(envelope)));
    expect(await service.db.query('SELECT DISTINCT body_sealed IS NULL AS lost, restored_at IS NOT NULL AS restored FROM contribution')).toEqual([{ lost: true, restored: true }]);
    expect(await service.db.transaction(settleRecovery)).toEqual([expect.stringMatching(/^3 contributions were read back/)]);

    // The same request finds its receipt, and its link works; the closing holds.
    const again = await service.file(campaignId, proposal({ contact: { email: 'zoe@example.org', consent: true } }), key);
    expect([again.status, again.body]).toEqual([201, first]);
    expect((await service.request('GET', `/contributions/${first.contributionId}`, { headers: { authorization: `Bearer ${first.managementToken}` } })).body).toMatchObject({ filingNumber: first.filingNumber, status: 'filed' });
    expect((await service.file(campaignId, proposal())).status).toBe(409);
    for (const { name } of backups) for (const table of TABLES) await service.db.query(`DROP TABLE ${name}_${table}`);
  });

  it('gives no number twice, also none that may stand on a receipt of which nobody knows', async () => {
    const { campaignId } = await heardCampaign(service);
    const number = ({ body }: Reply) => Number(body.filingNumber.split('-')[1]);
    const before = number(await service.file(campaignId, proposal()));
    await service.db.query(`SELECT setval('filing_number_seq', 1)`);
    await service.db.transaction(settleRecovery);
    await service.db.transaction(settleRecovery);
    expect(number(await service.file(campaignId, proposal())) - before).toBe(10_001);
  });

  it('tells what a seal counts and nobody has', async () => {
    await service.db.query(`INSERT INTO intake_seal (campaign_id, closes_at, sealed_at, announced_at, accepted, withdrawn, digest) VALUES ($1, now(), now(), now(), 2, 0, 'x')`, [randomUUID()]);
    expect(await service.db.transaction(settleRecovery)).toContainEqual(expect.stringContaining('its seal counts 2 contributions, the database has 0'));
  });
});
