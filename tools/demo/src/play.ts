import { cast as castOf, type Cast } from './campaign/cast.js';
import { extendWhileBehind } from './campaign/extend-while-behind.js';
import { latenessMs, prepareCampaign, schedule, type Scheduled } from './campaign/prepare-campaign.js';
import { subscribe, unsubscribe } from './campaign/subscriptions.js';
import { fileAroundClosing, fileCopy, fileTooEarly, repeat } from './intake/closing-edge.js';
import type { Intake } from './intake/file.js';
import { receiptOf, type Filed } from './intake/history.js';
import { planReplay } from './intake/plan.js';
import { replay } from './intake/replay.js';
import { ServerClock, windowOf } from './intake/server-clock.js';
import type { SampleFiling } from './samples/sample.js';
import type { Screen } from './screen/screen.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.js';

const FEW = 5;

export interface PlayOptions {
  readonly filings: readonly SampleFiling[];
  /** How long the replay of the filings takes. */
  readonly seconds: number;
  readonly screen: Screen;
  /** From scheduling to opening: time for subscribers to confirm. Default: 6 s. */
  readonly opensInMs?: number;
  /** Between the last filing of the sample and closing. Default: 4 s. */
  readonly quietMs?: number;
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
  readonly early: readonly { readonly key: string; readonly answer: Filed['answers'][number] }[];
  readonly late: readonly Filed[];
  /** Requests that had to be sent again because no definite answer came. */
  readonly retries: number;
  /** How long after its instant the campaign opened, and closed. */
  readonly openingLatenessMs: number | undefined;
  readonly closingLatenessMs: number | undefined;
}

/** A whole campaign: prepared, announced, opened, filed into at the rhythm of 2015, closed. Returns just after closing. */
export async function play(stage: Stage, { filings, seconds, screen, opensInMs = 6_000, quietMs = 4_000, mark = '', onOpen }: PlayOptions): Promise<Played> {
  const { services, stack, anyone, manager, client } = stage;
  const cast = castOf(mark);
  const campaignUrl = services['campaign-service'].url;
  const contributionUrl = services['contribution-service'].url;

  const draft = await prepareCampaign(manager, campaignUrl, cast);
  const opensAt = new Date(Math.ceil((Date.now() + opensInMs) / 1_000) * 1_000);
  const closesAt = new Date(opensAt.getTime() + Math.ceil(seconds) * 1_000 + quietMs);
  const campaign = await schedule(manager, campaignUrl, draft, opensAt, closesAt);
  screen.say(`Campaign ${campaign.campaignId}: opens ${campaign.window.opensAt}, closes ${campaign.window.closesAt}.`);

  let retries = 0;
  const intake: Intake = { client, url: `${contributionUrl}/campaigns/${campaign.campaignId}/contributions`, onRetry: () => retries++ };
  const place = { intake, nodeId: campaign.nodeId, domain: cast.domain };
  await untilKnown(() => windowOf(anyone, contributionUrl, campaign.campaignId), 'contribution-service to hear of the campaign');
  const clock = await ServerClock.read(anyone, contributionUrl, campaign.campaignId);
  const aboutTheBill = filings.filter(({ on }) => !('filing' in on));

  const early = await Promise.all(aboutTheBill.slice(0, FEW).map((sample) => fileTooEarly(place, sample)));
  const mailPlaces = { anyone, notificationUrl: services['notification-service'].url, mailUrl: stack.mail.webUrl };
  await subscribe(mailPlaces, campaign.campaignId, cast);
  screen.say(`Refused before the opening: ${early.length} filings. Subscribed: ${cast.subscribers.length} people, ${cast.subscribers.filter(({ does }) => does !== 'never-confirms').length} confirmed.`);
  await clock.until(Date.parse(campaign.window.opensAt));
  onOpen?.(campaign);

  const bar = screen.bar('Filing', filings.length);
  const replayed = replay(planReplay(filings, seconds, cast.domain), { intake, nodeId: campaign.nodeId, onFiled: () => bar.add() });
  const [filed, { window, extensions }] = await Promise.all([replayed, extendWhileBehind(manager, campaignUrl, campaign, clock, replayed), unsubscribe(mailPlaces, cast)]);
  bar.done();
  if (extensions > 0) screen.say(`The filing was behind its rhythm: the closing was moved to ${window.closesAt}.`);

  const edges = await fileAroundClosing({ ...place, clock, closesAt: Date.parse(window.closesAt), samples: aboutTheBill.slice(-FEW) });
  await clock.until(Date.parse(window.closesAt) + 500);
  const late = await Promise.all(aboutTheBill.slice(0, FEW).map((sample, n) => fileCopy(place, `late:${n + 1}`, sample)));
  const again = await Promise.all(filed.filter(receiptOf).slice(0, FEW).map((one) => repeat(intake, one)));
  screen.say(`Closed: ${edges.filter(receiptOf).length} of ${edges.length} filings around closing came in time.`);

  await untilKnown(async () => (await latenessMs(manager, campaignUrl, campaign.campaignId, 'closed', window.closesAt)) ?? Promise.reject(new Error('not yet')), 'campaign-service to close the campaign');
  return {
    campaignId: campaign.campaignId, firstWindow: campaign.window, window, extensions, cast, edges, early, late, retries,
    filed: filed.map((one) => again.find(({ key }) => key === one.key) ?? one),
    openingLatenessMs: await latenessMs(manager, campaignUrl, campaign.campaignId, 'open', campaign.window.opensAt),
    closingLatenessMs: await latenessMs(manager, campaignUrl, campaign.campaignId, 'closed', window.closesAt),
  };
}

async function untilKnown<T>(ask: () => Promise<T>, what: string, timeoutMs = 30_000): Promise<T> {
  for (const start = performance.now(); ; await sleep(100)) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() - start > timeoutMs) throw new Error(`Waited ${timeoutMs / 1_000} s for ${what}`, { cause: error });
    }
  }
}
