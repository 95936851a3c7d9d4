import { z } from 'zod';
import { json } from '../json.js';

/** Whose requests are counted together: of one client address, for one campaign, or all. */
export type Subject = 'address' | 'campaign' | 'all';

export interface Limit {
  readonly by: Subject;
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests in the long run. */
  readonly perMinute: number;
  /** Only refused requests count: the honest ones are given back. */
  readonly refusedOnly?: true;
}

/**
 * Every limit of the system, as in production. `RATE_LIMITS` changes single ones. One address may be a town hall or a mobile operator:
 * what is meant for one person is not what an address may do.
 */
export const LIMITS = {
  /** Every request that names no other limit. */
  'general': { by: 'address', burst: 600, perMinute: 1_200 },
  'filing': { by: 'address', burst: 120, perMinute: 120 },
  /** Above any rush that a campaign has seen: it keeps one campaign from taking the others' place. */
  'campaign-filing': { by: 'campaign', burst: 30_000, perMinute: 60_000 },
  'subscribing': { by: 'address', burst: 20, perMinute: 10 },
  /** Mails that strangers make us send. What one recipient gets is limited in notification-service's database, for every asker together. */
  'all-subscribing': { by: 'all', burst: 1_000, perMinute: 600 },
  /** Wrong tokens of receipts, mail links and report links. */
  'guessing': { by: 'address', burst: 30, perMinute: 6, refusedOnly: true },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** JSON: limit → what differs, such as `{"filing":{"burst":500,"perMinute":500}}`. */
export const limitChanges = json.pipe(z.partialRecord(
  z.enum(LIMIT_NAMES as [LimitName, ...LimitName[]]),
  z.strictObject({ burst: z.number().int().positive().optional(), perMinute: z.number().positive().optional() }),
));
export type LimitChanges = z.output<typeof limitChanges>;
