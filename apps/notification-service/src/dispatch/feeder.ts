import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { CompleteMailings } from '../mailings/complete-mailings.use-case.js';
import { type Lane, LANES } from './lanes.js';
import { Queues } from './queues.js';
import { RecoverDispatches } from './recover-dispatches.js';

/** A job that was put in so long ago and did nothing was lost with Redis. */
const LOST_AFTER_SECONDS = 30;
/** Redis does not answer: the rows wait. */
const REDIS_PATIENCE_MS = 3_000;

/** Puts pending rows into the queues, a bounded number at a time, and again those that Redis lost. */
@Injectable()
export class Feeder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Feeder.name);
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: DataSource,
    private readonly queues: Queues,
    private readonly recover: RecoverDispatches,
    private readonly complete: CompleteMailings,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.next();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private next(): void {
    this.timer = setTimeout(() => {
      this.round = this.feedAll().finally(() => {
        if (!this.stopped) this.next();
      });
    }, this.config.DISPATCH_POLL_MS);
  }

  private async feedAll(): Promise<void> {
    try {
      await this.recover.execute();
      await this.complete.execute();
      for (const lane of LANES) await within(this.feed(lane), REDIS_PATIENCE_MS);
    } catch (error) {
      // Rows stay where they are: the next round tries again.
      this.logger.warn(`Mails wait: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @returns how many rows were put in. */
  async feed(lane: Lane): Promise<number> {
    const room = await this.queues.room(lane);
    if (room <= 0) return 0;
    const [rows] = await this.db.query<[{ dispatch_id: string }[], number]>(
      `UPDATE dispatch SET queued_at = service_now() WHERE dispatch_id IN (
         SELECT dispatch_id FROM dispatch
         WHERE lane = $1 AND state = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= service_now())
           AND (queued_at IS NULL OR queued_at < service_now() - $3 * interval '1 second')
         ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING dispatch_id`,
      [lane, room, LOST_AFTER_SECONDS],
    );
    if (rows.length > 0) await this.queues.add(lane, rows.map(({ dispatch_id }) => dispatch_id));
    return rows.length;
  }
}

/** @throws Error when it takes longer. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error('Redis does not answer')); }, milliseconds); });
  return Promise.race([work, late]).finally(() => { clearTimeout(timer); });
}
