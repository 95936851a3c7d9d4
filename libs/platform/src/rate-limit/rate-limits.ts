import { createHmac } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop, type Next } from '../loop.js';
import type { Metrics } from '../metrics.js';
import { Bucket, type Rate, type Verdict } from './bucket.js';
import { type Limit, type LimitChanges, type LimitName, LIMITS, LIMIT_NAMES } from './limits.js';
import { SharedBuckets } from './shared-buckets.js';

export interface RateLimitSettings {
  readonly REDIS_URL: string;
  /** Names subjects in Redis; the same for all replicas. */
  readonly RATE_LIMIT_KEY: Buffer;
  readonly RATE_LIMITS: LimitChanges;
  readonly RATE_LIMIT_SCALE: number;
  readonly RATE_LIMIT_COST_ALONE: number;
}

/** How long a replica may take without telling the others. */
const TELL_EVERY_MS = 100;
/** Buckets told in one go: Redis does nothing else meanwhile. */
const TOLD_AT_ONCE = 1_000;
const CLEAN_EVERY_SECONDS = 10;
/** Subjects of one limit in memory, at some 200 bytes each. */
const SUBJECTS = 100_000;

class Counted {
  readonly buckets = new Map<string, Bucket>();
  readonly untold = new Set<string>();
  readonly rate: Rate;

  constructor(readonly limit: Limit) {
    this.rate = { burst: limit.burst, perSecond: limit.perMinute / 60 };
  }
}

/**
 * Counts requests by token buckets in this process and, ten times a second, tells Redis what was taken and learns what other replicas took:
 * no request waits for Redis. Over any t seconds n replicas take at most n × burst + rate × t; what one took too many is paid back
 * by waiting. While Redis is away every request costs more: a stricter limit, never none. See ADR 16.
 */
@Injectable()
export class RateLimits implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RateLimits.name);
  private readonly counted: ReadonlyMap<LimitName, Counted>;
  private readonly shared: SharedBuckets;
  private readonly loop = new Loop(() => this.tell());
  private readonly refused;
  private alone = true;
  private cleanedAt = 0;

  constructor(private readonly settings: RateLimitSettings, metrics: Metrics) {
    this.counted = new Map(LIMIT_NAMES.map((name) => [name, new Counted(scaled({ ...LIMITS[name], ...given(settings.RATE_LIMITS[name]) }, settings.RATE_LIMIT_SCALE))]));
    this.shared = new SharedBuckets(settings.REDIS_URL, () => { this.noteAlone(true); });
    this.refused = metrics.counter('cahier_rate_limited_requests_total', 'Requests answered with 429.', ['limit']);
    metrics.gauge('cahier_rate_limits_alone', '1 while Redis is away and every replica limits by itself, more strictly.', [], (gauge) => { gauge.set(this.alone ? 1 : 0); });
  }

  onApplicationBootstrap(): void {
    this.shared.connect();
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    // First: a Redis that is silent would be waited for.
    this.shared.stop();
    await this.loop.stop();
  }

  limit(name: LimitName): Limit {
    return this.of(name).limit;
  }

  /** @param subject whom the limit is about, such as a client address; empty for everybody. */
  take(name: LimitName, subject: string): Verdict {
    const counted = this.of(name);
    const verdict = bucketOf(counted, subject).take(performance.now() / 1_000, this.cost);
    if (verdict.allowed) counted.untold.add(subject);
    else this.refused.inc({ limit: name });
    return verdict;
  }

  /** One token that a request did not deserve to lose. */
  giveBack(name: LimitName, subject: string): void {
    const counted = this.of(name);
    counted.buckets.get(subject)?.giveBack(this.cost);
    counted.untold.add(subject);
  }

  private get cost(): number {
    return this.alone ? this.settings.RATE_LIMIT_COST_ALONE : 1;
  }

  private of(name: LimitName): Counted {
    const counted = this.counted.get(name);
    if (!counted) throw new Error(`No limit ${name}`);
    return counted;
  }

  private async tell(): Promise<Next> {
    this.clean();
    if (!this.shared.isReady) {
      this.noteAlone(true);
      return TELL_EVERY_MS;
    }
    const batch = this.nextBatch();
    try {
      // Also with nothing to tell: whether Redis answers decides what the next request costs.
      const left = await this.shared.add(batch.map(({ key, tokens, counted }) => ({ key, tokens, perSecond: counted.rate.perSecond })));
      const now = performance.now() / 1_000;
      batch.forEach(({ bucket, tokens }, index) => { bucket.learn(tokens, left[index]!, now); });
      this.noteAlone(false);
    } catch {
      // Told again, perhaps twice: then the limit is the stricter for it.
      for (const { counted, subject } of batch) counted.untold.add(subject);
      this.noteAlone(true);
      return TELL_EVERY_MS;
    }
    return batch.length === TOLD_AT_ONCE ? 0 : TELL_EVERY_MS;
  }

  private nextBatch(): { counted: Counted; subject: string; bucket: Bucket; tokens: number; key: string }[] {
    const batch = [];
    for (const [name, counted] of this.counted) {
      for (const subject of counted.untold) {
        if (batch.length === TOLD_AT_ONCE) return batch;
        counted.untold.delete(subject);
        const bucket = counted.buckets.get(subject);
        if (bucket && bucket.toTell !== 0) batch.push({ counted, subject, bucket, tokens: bucket.toTell, key: this.keyOf(name, subject) });
      }
    }
    return batch;
  }

  /** Addresses are personal data: Redis gets a name that only this service can make. */
  private keyOf(name: LimitName, subject: string): string {
    return `rate:${name}:${createHmac('sha256', this.settings.RATE_LIMIT_KEY).update(`${name}\0${subject}`).digest('base64url').slice(0, 22)}`;
  }

  private clean(): void {
    const now = performance.now() / 1_000;
    if (now - this.cleanedAt < CLEAN_EVERY_SECONDS) return;
    this.cleanedAt = now;
    for (const { buckets } of this.counted.values()) for (const [subject, bucket] of buckets) if (bucket.isForgotten(now)) buckets.delete(subject);
  }

  private noteAlone(alone: boolean): void {
    if (alone === this.alone) return;
    this.alone = alone;
    if (alone) this.logger.warn('Redis is away: every replica limits by itself, more strictly');
    else this.logger.log('Limits are shared between replicas');
  }
}

function bucketOf({ buckets, rate }: Counted, subject: string): Bucket {
  let bucket = buckets.get(subject);
  if (!bucket) {
    // The oldest makes room; if it comes back, Redis still knows it.
    if (buckets.size >= SUBJECTS) buckets.delete(buckets.keys().next().value!);
    buckets.set(subject, (bucket = new Bucket(rate)));
  }
  return bucket;
}

const given = (changes: LimitChanges[LimitName] = {}): Partial<Limit> => ({ ...(changes.burst !== undefined && { burst: changes.burst }), ...(changes.perMinute !== undefined && { perMinute: changes.perMinute }) });

const scaled = (limit: Limit, scale: number): Limit => ({ ...limit, burst: Math.max(1, Math.round(limit.burst * scale)), perMinute: limit.perMinute * scale });
