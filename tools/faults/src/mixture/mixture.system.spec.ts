import { contributionSubmitted, envelopeSchema } from '@cahier/contracts';
import { readTopic, writeTopic } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import { check } from '../checker/check.js';
import { dispatchOf } from '../sinks/mail-log.js';
import { readSinks } from '../sinks/read-sinks.js';
import { type Result, runScenario } from '../world/run-scenario.js';
import { World } from '../world/world.js';
import { mixture } from './mixture.js';

/** Kills of the intake, silence of PostgreSQL and of Kafka, swallowed commits: `npm run faults -- --minutes 1.5 --seed …` for others. */
const SEED = 559;
const SECONDS = 90;
/** Half of what the harness files by itself: other specs run beside this one. */
const PER_SECOND = 20;
const FIVE_MINUTES = 300_000;

describe('a mixture of faults', () => {
  let folder: string;
  let world: World;
  let result: Result;
  beforeAll(async () => {
    // Servers of our own, not those of the other tests: some are stopped and killed here.
    for (const name of ['TEST_POSTGRES_URL', 'TEST_KAFKA_BROKERS', 'TEST_REDIS_URL']) delete process.env[name];
    folder = mkdtempSync(join(tmpdir(), 'cahier-mixture-'));
    world = await World.open(folder);
  }, FIVE_MINUTES);
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }, FIVE_MINUTES);

  it('loses, doubles and alters nothing', async () => {
    const begun: string[] = [];
    result = await runScenario(world, mixture({ seed: SEED, seconds: SECONDS, perSecond: PER_SECOND }, (line) => begun.push(line)), 'mixture');
    const { anomalies, failure, accepted } = result;
    expect({ anomalies, failure, begun }).toEqual({ anomalies: [], failure: undefined, begun });
    expect(begun.length).toBeGreaterThan(3);
    expect(accepted).toBeGreaterThan(0);
  }, FIVE_MINUTES);

  it('and what is then changed in each place is seen there, as what it is', async () => {
    const { history, places, options } = result.evidence!;
    const { campaignId, files = '' } = places;
    const taken = history.filter(({ receipt, receiptByMail }) => receipt && !receiptByMail).map(({ bodySha256, key, receipt }) => ({ sha: bodySha256, key, id: receipt!.contributionId }));
    const [stored, told, applied, projected, csv, jsonl, xlsx] = [...new Map(taken.map((one) => [one.sha, one])).values()] as [Taken, Taken, Taken, Taken, Taken, Taken, Taken];
    const receipt = (await readSinks(places)).dispatches.filter(({ kind }) => kind === 'receipt');
    const [unsent, failed] = [receipt[0]!.dispatchId, receipt[1]!.dispatchId];

    await world.query('contribution-service', 'UPDATE contribution SET body_sealed = (SELECT body_sealed FROM contribution WHERE contribution_id = $2) WHERE contribution_id = $1', [stored.id, told.id]);
    const topic = `${world.services['contribution-service'].env.TOPIC_PREFIX ?? ''}${contributionSubmitted.topic.name}`;
    const events = await readTopic(world.stack.kafka.brokers, topic);
    const about = (id: string) => events.find(({ key }) => key === id)!;
    await writeTopic(world.stack.kafka.brokers, topic, [{ ...about(told.id), value: about(told.id).value.replace('tous', 'personne') }]);
    await world.query('reporting-service', 'DELETE FROM inbox WHERE event_id = $1', [envelopeSchema.parse(JSON.parse(about(applied.id).value)).id]);
    await world.query('reporting-service', `UPDATE contribution SET body = replace(body, 'tous', 'personne') WHERE contribution_id = $1`, [projected.id]);
    change(join(files, 'contributions.csv'), (all) => all.replace(`${csv.key} : l’accès de tous`, 'l’accès de personne'));
    change(join(files, 'contributions.jsonl'), (all) => all.split('\n').filter((line) => !line.includes(jsonl.sha)).join('\n'));
    const sheet = join(files, 'contributions.xlsx');
    writeFileSync(sheet, zipOf('xl/worksheets/sheet1.xml', (await firstSheet(sheet)).replaceAll(new RegExp(`<row\\b[^>]*>(?:(?!</row>).)*${xlsx.sha}(?:(?!</row>).)*</row>`, 'gs'), (row) => row.repeat(2))));
    await world.query('notification-service', `UPDATE dispatch SET state = 'failed' WHERE dispatch_id = $1`, [failed]);
    await world.query('contribution-service', `UPDATE intake_seal SET accepted = accepted + 1 WHERE campaign_id = $1`, [campaignId]);
    await world.query('campaign-service', `INSERT INTO transition (transition_id, campaign_id, action, from_state, to_state, at, by_subject, by_name)
      SELECT gen_random_uuid(), campaign_id, action, from_state, to_state, at, by_subject, by_name FROM transition WHERE campaign_id = $1 AND action = 'close'`, [campaignId]);

    const found = check(history, await readSinks({ ...places, mails: places.mails.filter(({ messageId }) => dispatchOf(messageId) !== unsent) }), options);
    expect(found.map(({ class: name, invariant, key }) => `${name} ${invariant} ${key}`).sort()).toEqual([
      `altered I5 ${stored.sha}`, `altered E1 ${told.sha}`, `lost E2 ${applied.sha}`, `altered E4 ${projected.sha}`, `altered R4 ${csv.sha}`, `lost R2 ${jsonl.sha}`, `duplicate I2 ${xlsx.sha}`,
      `not-mailed N2 ${unsent}`, `not-mailed N2 ${failed}`, 'altered R2 seal', 'fired-twice S1 close', 'disagree E1 close',
    ].sort());
  }, FIVE_MINUTES);
});

interface Taken { readonly sha: string; readonly key: string; readonly id: string }

function change(file: string, how: (all: string) => string): void {
  writeFileSync(file, how(readFileSync(file, 'utf8')));
}

async function firstSheet(path: string): Promise<string> {
  const zip = await openPromise(path);
  for await (const entry of zip.eachEntry()) if (entry.fileName === 'xl/worksheets/sheet1.xml') return text(await zip.openReadStreamPromise(entry));
  throw new Error('no sheet');
}

/** A ZIP archive of one stored file. */
function zipOf(name: string, content: string): Buffer {
  const [data, title] = [Buffer.from(content), Buffer.from(name)];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, title, data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), title]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
