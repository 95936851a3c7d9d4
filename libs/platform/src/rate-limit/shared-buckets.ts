import { createClient } from 'redis';
import { NoAnswer, within } from '../within.js';

/** What was taken from a bucket here, to be told to all. */
export interface Taken {
  readonly key: string;
  readonly tokens: number;
  readonly perSecond: number;
}

/** Adds to each bucket by Redis's clock; one number a key, gone once it says nothing. */
const ADD = `
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local left = {}
for i, key in ipairs(KEYS) do
  local at = math.max(now, tonumber(redis.call('GET', key) or '0')) + ARGV[2 * i - 1] / ARGV[2 * i]
  if at > now then redis.call('SET', key, string.format('%.6f', at), 'PX', math.ceil((at - now) * 1000)) else redis.call('DEL', key) end
  left[i] = string.format('%.6f', math.max(0, at - now))
end
return left`;

/** Longer than any Redis in reach takes. */
const ANSWER_WITHIN_MS = 1_000;

/** The buckets of all replicas together, in Redis. */
export class SharedBuckets {
  private readonly client;

  /** @param onError for the log; an attempt to reconnect that fails says so each time. */
  constructor(url: string, onError: (error: Error) => void) {
    this.client = createClient({
      url,
      // Nothing waits for a Redis that is away.
      disableOfflineQueue: true,
      socket: { connectTimeout: 2_000, socketTimeout: 3_000, reconnectStrategy: (retries) => Math.min(100 * (retries + 1), 2_000) },
    });
    this.client.on('error', onError);
  }

  connect(): void {
    // Goes on trying by itself, and reports by `error`.
    this.client.connect().catch(() => undefined);
  }

  /** @returns for each, the seconds until its bucket has nothing to forget. @throws when Redis does not answer in time: perhaps counted. */
  async add(taken: readonly Taken[]): Promise<number[]> {
    try {
      const left = await within(ANSWER_WITHIN_MS, this.client.eval(ADD, { keys: taken.map(({ key }) => key), arguments: taken.flatMap(({ tokens, perSecond }) => [String(tokens), String(perSecond)]) }));
      return (left as string[]).map(Number);
    } catch (error) {
      if (error instanceof NoAnswer) {
        // Nobody knows what the connection would say next, nor when.
        this.stop();
        this.connect();
      }
      throw error;
    }
  }

  get isReady(): boolean {
    return this.client.isReady;
  }

  stop(): void {
    if (this.client.isOpen) this.client.destroy();
  }
}
