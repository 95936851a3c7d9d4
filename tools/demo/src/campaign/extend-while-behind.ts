import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Refused, type Api } from '../http/api.js';
import type { ServerClock } from '../intake/server-clock.js';
import { localText } from './local-text.js';
import { ZONE, type Scheduled } from './prepare-campaign.js';

/** What saying it takes, beyond the notice that the system wants. */
const LEAD_MS = 1_000;
const BY_MS = 10_000;

interface Extending {
  readonly staff: Api;
  readonly campaignUrl: string;
  readonly campaign: Scheduled;
  readonly clock: ServerClock;
  readonly noticeMs: number;
}

const extended = z.object({ closesAt: z.string() });

/**
 * What came in time in 2015 must come in time on a slow machine too: while the filing is behind, the closing is moved as
 * staff would move it, by an extension with its reason.
 * @returns the window at last, and how often it was moved; when that is refused, the checks will tell.
 */
export async function extendWhileBehind({ staff, campaignUrl, campaign: { campaignId, window }, clock, noticeMs }: Extending, filing: Promise<unknown>): Promise<{ window: Scheduled['window']; extensions: number }> {
  const done = filing.then(() => true);
  for (let closesAt = window.closesAt, extensions = 0; ; extensions++) {
    const inTime = await Promise.race([done, clock.until(Date.parse(closesAt) - noticeMs - LEAD_MS).then(() => false)]);
    const moved = inTime ? undefined : await extend(staff, `${campaignUrl}/staff/campaigns/${campaignId}`, new Date(Date.parse(closesAt) + BY_MS));
    if (moved === undefined) return { window: { ...window, closesAt }, extensions };
    closesAt = moved;
  }
}

async function extend(staff: Api, url: string, to: Date, attempts = 5): Promise<string | undefined> {
  try {
    const { headers } = await staff.reply(url);
    const body = { closesAtLocal: localText(to, ZONE), reason: 'Démonstration : les dépôts prennent plus de temps que prévu sur cette machine.' };
    return (await staff.send('POST', `${url}/extend`, body, extended, { 'if-match': headers.etag ?? '' })).data.closesAt;
  } catch (error) {
    if (!(error instanceof Refused) || attempts === 1) return undefined;
    await sleep(150);
    return extend(staff, url, to, attempts - 1);
  }
}
