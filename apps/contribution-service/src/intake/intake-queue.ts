import { setTimeout as pause } from 'node:timers/promises';
import { isTransient } from '@cahier/platform';
import type { IntakeRow, OutcomeRow } from './accept-contributions.statement.js';
import { ContributionNotStorable, IntakeOverloaded } from './intake.errors.js';

/** One request on its way into the database. */
export interface Filing {
  readonly row: IntakeRow;
  /** The body as received, encrypted. */
  readonly sealedBody: Buffer;
  /** When it arrived, by `performance.now()`. */
  readonly arrivedAt: number;
}

export interface QueueLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
  /** In milliseconds. Longer is refused: a verdict so late could be wrong, and the seal counts on it. */
  readonly maxWait: number;
  /** In milliseconds: more is refused while a whole batch waits and the one in front has waited for longer. */
  readonly maxExpectedWait: number;
}

/** Stores some filings in one commit and says what became of each, in their order. */
export type WriteBatch = (filings: readonly Filing[]) => Promise<readonly OutcomeRow[]>;

interface Waiting extends Filing {
  readonly bytes: number;
  /** How often it was sent to the database without being decided. */
  attempts: number;
  readonly resolve: (outcome: OutcomeRow) => void;
  readonly reject: (error: unknown) => void;
}

const BATCHES_IN_FLIGHT = 2;
/** A second batch leaves beside the first when it is full, or when the first takes longer than usual: each costs the start of a plan and a commit. */
const USUAL_MS = 25;
export const BATCH_ROWS = 256;
const BATCH_BYTES = 900_000;
const WATCH_MS = 250;

/**
 * Gathers what arrives while batches are being written, at most two, then writes it together: one commit for many, and
 * no waiting when there is little to do. Bounded in rows and bytes, from arrival to verdict, and in the time that those ahead will take.
 */
export class IntakeQueue {
  private waiting: Waiting[] = [];
  private rows = 0;
  private bytes = 0;
  private inFlight = 0;
  private startedAt = 0;
  private starting = false;
  private watching = false;

  constructor(private readonly limits: QueueLimits, private readonly write: WriteBatch) {}

  /** Filings between arrival and verdict. */
  get depth(): number {
    return this.rows;
  }

  /** Whether a filing that comes now would be refused, or would wait for longer than is worth anybody's while: better to say so before it is read. */
  get isFull(): boolean {
    return this.rows >= this.limits.maxRows || this.bytes >= this.limits.maxBytes || this.expectedWait > this.limits.maxExpectedWait;
  }

  /** In milliseconds, as long as the one in front has waited; 0 while all fit into one batch. A database that hangs for a moment makes nobody go who would be served after it: `maxWait` bounds that. */
  private get expectedWait(): number {
    return this.waiting.length < BATCH_ROWS ? 0 : performance.now() - this.waiting[0]!.arrivedAt;
  }

  /**
   * @returns the verdict, after the commit.
   * @throws IntakeOverloaded when full or too slow; ContributionNotStorable; what the database connection threw, and then nobody knows whether it is stored.
   */
  async file(filing: Filing): Promise<OutcomeRow> {
    const bytes = sizeOf(filing);
    if (this.isFull || this.bytes + bytes > this.limits.maxBytes) throw new IntakeOverloaded();
    this.rows += 1;
    this.bytes += bytes;
    try {
      return await new Promise<OutcomeRow>((resolve, reject) => {
        this.waiting.push({ ...filing, bytes, attempts: 0, resolve, reject });
        this.start();
        this.watch();
      });
    } finally {
      this.rows -= 1;
      this.bytes -= bytes;
    }
  }

  /** Once per turn of the event loop, so that requests read together are written together. */
  private start(): void {
    if (this.starting) return;
    this.starting = true;
    setImmediate(() => {
      this.starting = false;
      while (this.mayWrite()) void this.run(this.take());
    });
  }

  private mayWrite(): boolean {
    if (this.waiting.length === 0 || this.inFlight === BATCHES_IN_FLIGHT) return false;
    return this.inFlight === 0 || this.waiting.length >= BATCH_ROWS || performance.now() - this.startedAt >= USUAL_MS;
  }

  /** While both batches hang, those behind them get their answer in time all the same. */
  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    setTimeout(() => {
      this.watching = false;
      this.waiting = this.waiting.filter((one) => this.isInTime(one));
      if (this.waiting.length > 0) this.watch();
    }, WATCH_MS).unref();
  }

  private take(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const { bytes: size } of this.waiting) {
      if (count > 0 && (count === BATCH_ROWS || bytes + size > BATCH_BYTES)) break;
      count += 1;
      bytes += size;
    }
    return this.waiting.splice(0, count);
  }

  private async run(batch: Waiting[]): Promise<void> {
    this.inFlight += 1;
    this.startedAt = performance.now();
    // A timer may be a moment early by this clock: what it says counts.
    const unusual = setTimeout(() => {
      this.startedAt = -Infinity;
      this.start();
    }, USUAL_MS);
    await this.settle(batch);
    clearTimeout(unusual);
    this.inFlight -= 1;
    this.start();
  }

  /** Never rejects: every request gets its verdict or its error, and one bad row costs its neighbours nothing but a second try. */
  private async settle(candidates: readonly Waiting[]): Promise<void> {
    const batch = candidates.filter((one) => this.isInTime(one));
    if (batch.length === 0) return;
    try {
      const outcomes = await this.write(batch);
      const undecided = batch.filter((one, index) => {
        const outcome = outcomes[index]!;
        if (outcome.outcome !== 'again') one.resolve(outcome);
        return outcome.outcome === 'again';
      });
      this.putBack(undecided);
    } catch (error) {
      if (isTransient(error)) this.putBack(batch);
      else if (!isDataError(error)) for (const { reject } of batch) reject(error);
      else if (batch.length === 1) batch[0]!.reject(new ContributionNotStorable());
      else {
        const middle = batch.length >> 1;
        await this.settle(batch.slice(0, middle));
        await this.settle(batch.slice(middle));
      }
    }
  }

  private isInTime({ arrivedAt, reject }: Waiting): boolean {
    if (performance.now() - arrivedAt <= this.limits.maxWait) return true;
    reject(new IntakeOverloaded());
    return false;
  }

  /** In front, at once; but what keeps coming back waits a little longer each time. */
  private putBack(undecided: Waiting[]): void {
    for (const one of undecided) one.attempts += 1;
    const eager = undecided.filter(({ attempts }) => attempts === 1);
    this.waiting.unshift(...eager);
    for (const one of undecided.filter(({ attempts }) => attempts > 1)) void this.later(one);
  }

  private async later(one: Waiting): Promise<void> {
    await pause(Math.min(2 ** one.attempts, 100));
    this.waiting.push(one);
    this.start();
  }
}

/** In the statement's parameters, about: the text as JSON, the sealed body, and the rest of the row. */
function sizeOf({ sealedBody }: Filing): number {
  return 2 * sealedBody.length + 1_000;
}

/** Of class 22 (data exception) or 23 (integrity constraint violation): the fault is in a row. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]...$/.test(error.code);
}
