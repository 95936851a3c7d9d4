import { setTimeout as sleep } from 'node:timers/promises';
import { cast as castOf, type Cast } from './campaign/cast.js';
import { extendWhileBehind } from './campaign/extend-while-behind.js';
import { latenessMs, prepareCampaign, schedule, type Scheduled } from './campaign/prepare-campaign.js';
import { subscribe, unsubscribe } from './campaign/subscriptions.js';
import { fileAroundClosing, fileCopy, fileTooEarly, repeat } from './intake/closing-edge.js';
import type { Intake } from './intake/file.js';
import { receiptOf, type Answer, type Filed } from './intake/history.js';
import { planReplay } from './intake/plan.js';
import { replay } from './intake/replay.js';
import { ServerClock, windowOf } from './intake/server-clock.js';
import type { SampleFiling } from './samples/sample.js';
import type { Screen } from './screen/screen.js';
import type { Reached } from './stage.js';

const FEW = 5;
const WELL_AFTER_MS = 500;

export interface PlayOptions {
  readonly filings: readonly SampleFiling[];
  /** How long the replay of the filings takes. */
  readonly seconds: number;
  readonly screen: Screen;
  /** From scheduling to opening: time for subscribers to confirm. Default: 8 s. */
  readonly opensInMs?: number;
  /** Between the last filing of the sample and closing. Default: 4 s. */
  readonly quietMs?: number;
  /** How far ahead a change of the window must be said, and heard of. Default: 2 s. */
  readonly noticeMs?: number;
  /** Tells campaigns of one stage apart. */
  readonly mark?: string;
  /** Told when the replay begins: whoever wants to disturb it may, from then on. */
  readonly onOpen?: (campaign: Scheduled) => void;
}

/** What the story did and was answered. */
export interface Played {
  readonly campaignId: string;
  /** As the public was first told. */
  readonly firstWindow: Scheduled['window'];
  readonly window: Scheduled['window'];
  readonly extensions: number;
  readonly cast: Cast;
  readonly filed: readonly Filed[];
  readonly edges: readonly Filed[];
  readonly early: readonly { readonly key: string; readonly answer: Answer }[];
  readonly late: readonly Filed[];
  /** Requests that had to be sent again because no definite answer came. */
  readonly retries: number;
  /** How long after its instant the campaign opened, and closed. */
  readonly openingLatenessMs: number | undefined;
  readonly closingLatenessMs: number | undefined;
}

/** A whole campaign: prepared, announced, opened, filed into at the rhythm of 2015, closed. Returns just after closing. */
export async function play(stage: Reached, options: PlayOptions): Promise<Played> {
  const scene = await announce(stage, options);
  const early = await beforeOpening(scene, options);
  const open = await whileOpen(scene, options);
  const { edges, late, again } = await aroundClosing(scene, options, open);

  const { campaign, campaignUrl, cast } = scene;
  const lateness = (state: string, promised: string) => latenessMs(stage.manager, campaignUrl, campaign.campaignId, state, promised);
  await until(async () => (await lateness('closed', open.window.closesAt)) !== undefined, 'campaign-service to close the campaign');
  return {
    campaignId: campaign.campaignId, firstWindow: campaign.window, window: open.window, extensions: open.extensions, cast, early, edges, late,
    filed: open.filed.map((one) => again.find(({ key }) => key === one.key) ?? one),
    retries: scene.retried.length,
    openingLatenessMs: await lateness('open', open.window.opensAt),
    closingLatenessMs: await lateness('closed', open.window.closesAt),
  };
}

/** The campaign once it is public, and how to reach it. */
interface Scene extends Reached {
  readonly campaignUrl: string;
  readonly cast: Cast;
  readonly campaign: Scheduled;
  readonly clock: ServerClock;
  /** Where filings go. */
  readonly place: { readonly intake: Intake; readonly nodeId: Scheduled['nodeId']; readonly domain: string };
  /** Why a request was sent again, each time. */
  readonly retried: readonly string[];
}

/** Staff prepare the campaign and give it its dates; contribution-service hears of it. */
async function announce(stage: Reached, { seconds, screen, opensInMs = 8_000, quietMs = 4_000, mark = '' }: PlayOptions): Promise<Scene> {
  const { services, anyone, manager, client } = stage;
  const cast = castOf(mark);
  const campaignUrl = services['campaign-service'].url;
  const contributionUrl = services['contribution-service'].url;

  const draft = await prepareCampaign(manager, campaignUrl, cast);
  const opensAt = new Date(Math.ceil((Date.now() + opensInMs) / 1_000) * 1_000);
  const closesAt = new Date(opensAt.getTime() + Math.ceil(seconds) * 1_000 + quietMs);
  const campaign = await schedule(manager, campaignUrl, draft, opensAt, closesAt);
  screen.say(`Campaign ${campaign.campaignId}: opens ${campaign.window.opensAt}, closes ${campaign.window.closesAt}.`);

  await until(() => windowOf(anyone, contributionUrl, campaign.campaignId).then(() => true), 'contribution-service to hear of the campaign');
  const retried: string[] = [];
  const intake: Intake = { client, url: `${contributionUrl}/campaigns/${campaign.campaignId}/contributions`, onRetry: (why) => retried.push(why) };
  return { ...stage, campaignUrl, cast, campaign, retried, clock: await ServerClock.read(anyone, contributionUrl, campaign.campaignId), place: { intake, nodeId: campaign.nodeId, domain: cast.domain } };
}

/** Some are too early; some want to be told. */
async function beforeOpening({ place, cast, campaign, ...stage }: Scene, { filings, screen }: PlayOptions): Promise<Played['early']> {
  const early = await Promise.all(aboutTheBill(filings).slice(0, FEW).map((sample) => fileTooEarly(place, sample)));
  await subscribe(mailboxes(stage), campaign.campaignId, cast);
  const confirmed = cast.subscribers.filter(({ does }) => does !== 'never-confirms');
  screen.say(`Filed too early: ${early.length}. Subscribed: ${cast.subscribers.length} people, ${confirmed.length} of them confirmed.`);
  return early;
}

/** Everybody files as in 2015; one subscriber has had enough. */
async function whileOpen({ place, cast, campaign, campaignUrl, clock, ...stage }: Scene, { filings, seconds, screen, onOpen, noticeMs = 2_000 }: PlayOptions): Promise<Pick<Played, 'filed' | 'window' | 'extensions'>> {
  await clock.until(Date.parse(campaign.window.opensAt));
  onOpen?.(campaign);
  const bar = screen.bar('Filing', filings.length);
  const replayed = replay(planReplay(filings, seconds, cast.domain), { ...place, onFiled: () => bar.add() });
  const [filed, { window, extensions }] = await Promise.all([replayed, extendWhileBehind({ staff: stage.manager, campaignUrl, campaign, clock, noticeMs }, replayed), unsubscribe(mailboxes(stage), cast)]);
  bar.done();
  if (extensions > 0) screen.say(`The filing was behind its rhythm: the closing was moved to ${window.closesAt}.`);
  return { filed, window, extensions };
}

/** Fifty at the last moment, a few too late, and a few that ask again for what they have. */
async function aroundClosing({ place, clock }: Scene, { filings, screen }: PlayOptions, { filed, window }: Pick<Played, 'filed' | 'window'>): Promise<Pick<Played, 'edges' | 'late'> & { again: readonly Filed[] }> {
  const closesAt = Date.parse(window.closesAt);
  const edges = await fileAroundClosing({ ...place, clock, closesAt, samples: aboutTheBill(filings).slice(-FEW) });
  await clock.until(closesAt + WELL_AFTER_MS);
  const late = await Promise.all(aboutTheBill(filings).slice(0, FEW).map((sample, n) => fileCopy(place, `late:${n + 1}`, sample)));
  const again = await Promise.all(filed.filter(receiptOf).slice(0, FEW).map((one) => repeat(place.intake, one)));
  screen.say(`Closed: ${edges.filter(receiptOf).length} of ${edges.length} filings around closing came in time.`);
  return { edges, late, again };
}

const aboutTheBill = (filings: readonly SampleFiling[]): SampleFiling[] => filings.filter(({ on }) => !('filing' in on));

const mailboxes = ({ anyone, services, stack }: Reached) => ({ anyone, notificationUrl: services['notification-service'].url, mailUrl: stack.mail.webUrl });

/** A question that is refused has not been answered yet. */
async function until(ask: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  let last: unknown;
  for (const start = performance.now(); performance.now() - start < timeoutMs; await sleep(100)) {
    try {
      if (await ask()) return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Waited ${timeoutMs / 1_000} s for ${what}`, { cause: last });
}
