import { cast, closingReport, downloadReport, NoReport, prepareCampaign, readDeadLetters, schedule } from '@cahier/demo';
import { serviceNames } from '@cahier/local-stack';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Anomaly, check, type CheckOptions, type DueMail } from '../checker/check.js';
import type { Attempt } from '../history.js';
import { Load } from '../load/load.js';
import { type Scenario, Skipped } from '../scenario.js';
import { addressSha256, type Places, readSinks } from '../sinks/read-sinks.js';
import type { World } from './world.js';

/** Long enough for somebody to subscribe before. */
const OPENS_IN_MS = 6_000;
/** Headings of the sample bill. */
const HEADINGS = ['Les Communs', 'Données d’intérêt général', 'Service public de la donnée'];
const FAULT_AFTER_MS = 1_000;
const CALM_LOOKS = 5;
/** T of the invariants: what has not moved for so long, and is not terminal, is an anomaly. A slow machine is none. */
const DRAIN_MS = 90_000;
const DRAIN_AT_MOST_MS = 600_000;

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
  /** What was compared, for those who look again. */
  readonly evidence?: { readonly history: readonly Attempt[]; readonly places: Places; readonly options: CheckOptions };
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
  let load: Load | undefined;
  let failed: Error | undefined;
  try {
    const deadBefore = new Set(await readDeadLetters(world.services));
    const { client } = world;
    const people = cast(mark);
    const campaignUrl = world.services['campaign-service'].url;
    await world.setClocks(scenario.at);
    const draft = await prepareCampaign(world.manager, campaignUrl, people);
    const opensAt = new Date(Math.ceil((world.now() + OPENS_IN_MS) / 1_000) * 1_000);
    world.closesAt = new Date(opensAt.getTime() + (seconds + (scenario.quietSeconds ?? 8)) * 1_000);
    const doubtsBefore = world.mostInDoubt();
    const campaign = await schedule(world.manager, campaignUrl, draft, opensAt, world.closesAt, scenario.disambiguation);
    world.campaign = campaign;
    const subscribers = people.subscribers.slice(0, 2).map(({ email }) => email);
    await Promise.all(subscribers.map((email) => world.subscribe(email, campaign.campaignId)));
    const kinds = ['confirmation', 'closing', ...(world.now() < opensAt.getTime() ? ['opening'] : [])];
    await scenario.before?.(world);
    if (scenario.early !== true) await opened(world, campaign.campaignId);

    load = new Load({
      client, campaign, headings: HEADINGS, domain: people.domain, intake: () => world.nextIntake(),
      onAttempt(attempt) {
        history.push(attempt);
        log.write(`${JSON.stringify(attempt)}\n`);
      },
    });
    const [disturbed] = await Promise.allSettled([sleep(FAULT_AFTER_MS).then(() => scenario.run(world)), load.drive(perSecond, seconds)]);
    if (disturbed.status === 'rejected') failed = disturbed.reason as Error;
    await world.heal();
    await load.settle(Math.max(5_000, world.untilClosing() + 5_000));
    await drained(world, campaign.campaignId);
    const places = { stage: world, campaignId: campaign.campaignId, mails: world.mail.taken, files: await downloaded(world, campaign.campaignId, folder) };
    const sinks = await readSinks(places);
    if (sinks.transitions.has('extend')) kinds.push('deadline-extended');
    const due: DueMail[] = [
      ...subscribers.flatMap((email) => kinds.map((kind) => ({ kind, recipientSha256: addressSha256(email) }))),
      ...[...new Set(people.bodies.flatMap(({ members }) => members.map(({ email }) => email)))].map((email) => ({ kind: 'report', recipientSha256: addressSha256(email) })),
    ];
    const options = { topicsWiped: scenario.topicsWiped ?? false, bodiesLost: scenario.bodiesLost ?? false, outOfOrder: scenario.outOfOrder ?? false, due, mostInDoubt: world.mostInDoubt() - doubtsBefore };
    const { poison } = scenario;
    const anomalies = check(history, { ...sinks, deadLetters: sinks.deadLetters.filter((line) => !deadBefore.has(line) && poison?.test(line) !== true) }, options);
    const result = { id: scenario.id, title: scenario.title, anomalies, evidence: { history, places, options }, ...counts() };
    if (failed instanceof Skipped) return { ...result, skipped: failed.message };
    if (failed) return { ...result, failure: failed.message };
    if (scenario.mayRetry === false && result.retries > 0) return { ...result, failure: `${result.retries} requests had to be sent again` };
    // Without anything accepted nothing was put to the test.
    return result.accepted === 0 ? { ...result, failure: 'nothing was accepted' } : result;
  } catch (error) {
    // Something did not come back, or a place could not be read: nothing can be said for the scenario.
    await load?.settle(0);
    const left = await world.heal().then(() => undefined, (again: unknown) => again);
    // The first is the cause: what the scenario broke and left, healing cannot mend.
    const messages = [failed, error, left].flatMap((one) => (one instanceof Error ? [one.message] : []));
    return { id: scenario.id, title: scenario.title, anomalies: [], ...counts(), failure: [...new Set(messages)].join('; ') };
  } finally {
    log.end();
  }
}

/** As an analyst would. @returns the folder; undefined without a report, which is counted as not terminal. */
async function downloaded({ analyst, services }: World, campaignId: string, folder: string): Promise<string | undefined> {
  const { url } = services['reporting-service'];
  const report = await closingReport(analyst, url, campaignId, DRAIN_MS).catch((error: unknown) => {
    if (error instanceof NoReport) return undefined;
    throw error;
  });
  if (!report) return undefined;
  await downloadReport(analyst, url, report, folder);
  return folder;
}

async function opened(world: World, campaignId: string): Promise<void> {
  const url = `${world.services['contribution-service'].url}/campaigns/${campaignId}/window`;
  for (const start = performance.now(); performance.now() - start < 60_000; await sleep(50)) {
    const { status, body } = await world.client.send(url);
    if (status === 200 && (JSON.parse(body.toString()) as { state: string }).state === 'open') return;
  }
  throw new Error('Waited 60 s for the campaign to open');
}

/** Returns when everything has ended, or nothing has moved for DRAIN_MS: the checker tells what is missing. */
async function drained(world: World, campaignId: string): Promise<void> {
  await sleep(world.untilClosing());
  const one = async (name: (typeof serviceNames)[number], sql: string, parameters: readonly unknown[] = []): Promise<number> => ((await world.query<{ n: number }>(name, sql, parameters))[0]?.n ?? 0);
  let calm = 0; // one look is not enough: what is published now is heard of in a moment
  const start = performance.now();
  let [moved, before] = [start, ''];
  for (let now = start; now - moved < DRAIN_MS && now - start < DRAIN_AT_MOST_MS && calm < CALM_LOOKS; await sleep(250), now = performance.now()) {
    const [asked, planned] = await Promise.all([
      one('contribution-service', 'SELECT count(*)::int AS n FROM contribution WHERE campaign_id = $1 AND sealed_contact IS NOT NULL', [campaignId]),
      one('notification-service', `SELECT count(*)::int AS n FROM dispatch JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1 AND m.kind = 'receipt'`, [campaignId]),
    ]);
    const open = await Promise.all([
      ...serviceNames.map((name) => one(name, 'SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL')),
      one('notification-service', `SELECT count(*)::int AS n FROM dispatch JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1 AND state IN ('pending', 'sending')`, [campaignId]),
      one('notification-service', `SELECT 2 - count(*)::int AS n FROM mailing WHERE campaign_id = $1 AND kind IN ('closing', 'report') AND audience_frozen_at IS NOT NULL`, [campaignId]),
      one('contribution-service', 'SELECT 1 - count(*)::int AS n FROM intake_seal WHERE campaign_id = $1 AND announced_at IS NOT NULL', [campaignId]),
      one('reporting-service', `SELECT 1 - count(*)::int AS n FROM report WHERE campaign_id = $1 AND kind = 'closing' AND state = 'published'`, [campaignId]),
    ]);
    calm = asked === planned && open.every((n) => n === 0) ? calm + 1 : 0;
    const seen = [asked, planned, ...open].join();
    if (seen !== before) [moved, before] = [now, seen];
  }
}
