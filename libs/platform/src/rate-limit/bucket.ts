export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Verdict {
  readonly allowed: boolean;
  /** Requests that would still be taken at once. */
  readonly remaining: number;
  /** Seconds until all of them would be again. */
  readonly fullIn: number;
  /** Seconds until one is taken; 0 when one would be now. */
  readonly nextIn: number;
}

/**
 * A token bucket, held as one number: the instant at which it has nothing to forget (the theoretical arrival time of GCRA).
 * Times are seconds of any clock that does not jump.
 */
export class Bucket {
  private forgottenAt = 0;
  private unsent = 0;

  constructor(private readonly rate: Rate) {}

  /** @param cost tokens for this request; a bucket that is full takes one whatever it costs. */
  take(now: number, cost = 1): Verdict {
    const { burst, perSecond } = this.rate;
    const price = Math.min(cost, burst);
    const full = burst / perSecond;
    const after = Math.max(this.forgottenAt, now) + price / perSecond;
    // A sum of many small steps is not exact.
    const excess = after - now - full;
    const allowed = excess <= 1e-6;
    if (allowed) {
      this.forgottenAt = after;
      this.unsent += price;
    }
    const fullIn = Math.max(0, this.forgottenAt - now);
    return { allowed, remaining: Math.max(0, Math.floor((full - fullIn) * perSecond / price + 1e-6)), fullIn, nextIn: allowed ? 0 : excess };
  }

  giveBack(cost = 1): void {
    const price = Math.min(cost, this.rate.burst);
    this.forgottenAt -= price / this.rate.perSecond;
    this.unsent -= price;
  }

  /** Tokens taken here that the other replicas have not been told of. */
  get toTell(): number {
    return this.unsent;
  }

  /** @param told of `toTell`. @param fullIn seconds until the bucket that all replicas share has nothing to forget. */
  learn(told: number, fullIn: number, now: number): void {
    this.unsent -= told;
    this.forgottenAt = now + fullIn + this.unsent / this.rate.perSecond;
  }

  /** Says no more than a new one would. */
  isForgotten(now: number): boolean {
    return this.forgottenAt <= now && this.unsent === 0;
  }
}
