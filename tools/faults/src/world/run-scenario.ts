import { cast, prepareCampaign, readDeadLetters, rowsOf, schedule } from '@cahier/demo';
import { serviceNames } from '@cahier/local-stack';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Anomaly, check } from '../checker/check.js';
import type { Attempt } from '../history.js';
import { Load } from '../load/load.js';
import { type Scenario, Skipped } from '../scenario.js';
import { readSinks } from '../sinks/read-sinks.js';
import type { World } from './world.js';

const OPENS_IN_MS = 4_000;
/** Headings of the sample bill. */
const HEADINGS = ['Les Communs', 'Données d’intérêt général', 'Service public de la donnée'];
const FAULT_AFTER_MS = 1_000;
const CALM_LOOKS = 5;
/** T of the invariants: what is not terminal then is an anomaly. */
export const DRAIN_MS = 90_000;

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly anomalies: readonly Anomaly[];
  /** A claim of the scenario's own that did not hold, or why nothing could be told. */
  readonly failure?: string;
  readonly skipped?: string;
  readonly filings: number;
  readonly accepted: number;
  readonly retries: number;
  readonly seconds: number;
}

/** A campaign of its own: opened, filed into while the scenario does its worst, healed, drained, closed, checked. */
export async function runScenario(world: World, scenario: Scenario<World>, mark: string): Promise<Result> {
  const start = performance.now();
  const { perSecond = 40, seconds = 8 } = scenario.load ?? {};
  const folder = join(world.folder, mark);
  mkdirSync(folder, { recursive: true });
  const history: Attempt[] = [];
  const log = createWriteStream(join(folder, 'history.jsonl'));
  const counts = (): Pick<Result, 'filings' | 'accepted' | 'retries' | 'seconds'> => {
    const filings = new Set(history.map(({ key }) => key)).size;
    return { filings, accepted: new Set(history.filter(({ outcome }) => outcome === 'ok').map(({ key }) => key)).size, retries: history.length - filings, seconds: (performance.now() - start) / 1_000 };
  };
  try {
    const deadBefore = new Set(await readDeadLetters(world.services));
    const { client } = world;
    const people = cast(mark);
    const campaignUrl = world.services['campaign-service'].url;
    const draft = await prepareCampaign(world.manager, campaignUrl, people);
    const opensAt = new Date(Math.ceil((Date.now() + OPENS_IN_MS) / 1_000) * 1_000);
    const closesAt = new Date(opensAt.getTime() + (seconds + (scenario.quietSeconds ?? 8)) * 1_000);
    const campaign = await schedule(world.manager, campaignUrl, draft, opensAt, closesAt);
    world.campaign = campaign;
    await opened(world, campaign.campaignId);

    const load = new Load({
      client, campaign, headings: HEADINGS, domain: people.domain, intake: () => world.nextIntake(),
      onAttempt(attempt) {
        history.push(attempt);
        log.write(`${JSON.stringify(attempt)}\n`);
      },
    });
    const [disturbed] = await Promise.allSettled([sleep(FAULT_AFTER_MS).then(() => scenario.run(world)), load.drive(perSecond, seconds)]);
    await world.heal();
    await load.settle(Math.max(5_000, closesAt.getTime() - Date.now() + 5_000));
    await drained(world, campaign.campaignId, closesAt);
    const sinks = await readSinks({ stage: world, campaignId: campaign.campaignId, mails: world.mail.taken, folder, patienceMs: DRAIN_MS });
    const anomalies = check(history, { ...sinks, deadLetters: sinks.deadLetters.filter((line) => !deadBefore.has(line)) }, { topicsWiped: scenario.topicsWiped ?? false, bodiesLost: scenario.bodiesLost ?? false });
    const failed = disturbed.status === 'rejected' ? (disturbed.reason as Error) : undefined;
    const result = { id: scenario.id, title: scenario.title, anomalies, ...counts() };
    if (failed instanceof Skipped) return { ...result, skipped: failed.message };
    if (failed) return { ...result, failure: failed.message };
    if (scenario.mayRetry === false && result.retries > 0) return { ...result, failure: `${result.retries} requests had to be sent again` };
    // Without anything accepted nothing was put to the test.
    return result.accepted === 0 ? { ...result, failure: 'nothing was accepted' } : result;
  } catch (error) {
    // Something did not come back, or a place could not be read: nothing can be said for the scenario.
    return { id: scenario.id, title: scenario.title, anomalies: [], ...counts(), failure: (error as Error).message };
  } finally {
    log.end();
  }
}

async function opened(world: World, campaignId: string): Promise<void> {
  const url = `${world.services['contribution-service'].url}/campaigns/${campaignId}/window`;
  for (const start = performance.now(); performance.now() - start < 30_000; await sleep(50)) {
    const { status, body } = await world.client.send(url);
    if (status === 200 && (JSON.parse(body.toString()) as { state: string }).state === 'open') return;
  }
  throw new Error('Waited 30 s for the campaign to open');
}

/** Returns when nothing moves any more, or after DRAIN_MS: the checker tells what is missing. */
async function drained({ services }: World, campaignId: string, closesAt: Date): Promise<void> {
  await sleep(Math.max(0, closesAt.getTime() - Date.now()));
  const one = async (name: (typeof serviceNames)[number], sql: string, parameters: readonly unknown[] = []): Promise<number> => ((await rowsOf<{ n: number }>(services[name].env.DATABASE_URL ?? '', sql, parameters))[0]?.n ?? 0);
  let calm = 0; // one look is not enough: what is published now is heard of in a moment
  for (const start = performance.now(); performance.now() - start < DRAIN_MS && calm < CALM_LOOKS; await sleep(250)) {
    const [asked, planned] = await Promise.all([
      one('contribution-service', 'SELECT count(*)::int AS n FROM contribution WHERE campaign_id = $1 AND sealed_contact IS NOT NULL', [campaignId]),
      one('notification-service', `SELECT count(*)::int AS n FROM dispatch JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1 AND m.kind = 'receipt'`, [campaignId]),
    ]);
    const open = await Promise.all([
      ...serviceNames.map((name) => one(name, 'SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL')),
      one('notification-service', `SELECT count(*)::int AS n FROM dispatch JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1 AND state IN ('pending', 'sending')`, [campaignId]),
      one('contribution-service', 'SELECT 1 - count(*)::int AS n FROM intake_seal WHERE campaign_id = $1 AND announced_at IS NOT NULL', [campaignId]),
      one('reporting-service', `SELECT 1 - count(*)::int AS n FROM report WHERE campaign_id = $1 AND kind = 'closing' AND state = 'published'`, [campaignId]),
    ]);
    calm = asked === planned && open.every((n) => n === 0) ? calm + 1 : 0;
  }
}
