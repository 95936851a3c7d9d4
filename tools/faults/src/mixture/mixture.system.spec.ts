import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenario } from '../world/run-scenario.js';
import { World } from '../world/world.js';
import { mixture } from './mixture.js';

/** Kills of the intake, silence of PostgreSQL and of Kafka, swallowed commits: `npm run faults -- --minutes 1.5 --seed …` for others. */
const SEED = 559;
const SECONDS = 90;
const FIVE_MINUTES = 300_000;

describe('a mixture of faults', () => {
  let folder: string;
  let world: World;
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
    const { anomalies, failure, accepted } = await runScenario(world, mixture(SEED, SECONDS, (line) => begun.push(line)), 'mixture');
    expect({ anomalies, failure, begun }).toEqual({ anomalies: [], failure: undefined, begun });
    expect(begun.length).toBeGreaterThan(3);
    expect(accepted).toBeGreaterThan(0);
  }, FIVE_MINUTES);
});
