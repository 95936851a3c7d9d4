import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Api } from '../http/api.js';

const windowView = z.object({ state: z.string(), opensAt: z.string(), closesAt: z.string(), now: z.string() });
export type WindowView = z.infer<typeof windowView>;

export const windowOf = (api: Api, contributionUrl: string, campaignId: string): Promise<WindowView> => api.get(`${contributionUrl}/campaigns/${campaignId}/window`, windowView);

/** The clock that decides, read from here: the difference between it and ours, taken from the quickest of a few answers. */
export class ServerClock {
  private constructor(private readonly aheadMs: number) {}

  static async read(api: Api, contributionUrl: string, campaignId: string, samples = 8): Promise<ServerClock> {
    let best = { roundTrip: Infinity, aheadMs: 0 };
    for (let n = 0; n < samples; n++) {
      const sent = Date.now();
      const { now } = await windowOf(api, contributionUrl, campaignId);
      const roundTrip = Date.now() - sent;
      if (roundTrip < best.roundTrip) best = { roundTrip, aheadMs: Date.parse(now) - sent - roundTrip / 2 };
    }
    return new ServerClock(best.aheadMs);
  }

  now(): number {
    return Date.now() + this.aheadMs;
  }

  async until(instant: number): Promise<void> {
    const early = instant - this.now();
    if (early > 0) await sleep(early);
  }
}
