import { describeFailure, Loop, within } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { type Lane, LANES } from './lanes.js';
import { Queues } from './queues.js';

/** A job that was put in so long ago and did nothing was lost with Redis. */
const LOST_AFTER_SECONDS = 30;
/** Redis does not answer: the rows wait. */
const REDIS_PATIENCE_MS = 3_000;
const RETRY_MS = 1_000;
/** Mails of one job at most: they go one after the other. */
const JOB_SIZE = 20;

/** Puts pending rows into the queues, a bounded number at a time, and again those that Redis lost. */
@Injectable()
export class Feeder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Feeder.name);
  private readonly loop = new Loop(
    async () => {
      for (const lane of LANES) await within(REDIS_PATIENCE_MS, this.feed(lane));
      return this.config.DISPATCH_POLL_MS;
    },
    (error) => {
      // Rows stay where they are: the next round tries again.
      this.logger.warn(`Mails wait: ${describeFailure(error)}`);
      return RETRY_MS;
    },
  );

  constructor(private readonly db: DataSource, private readonly queues: Queues, @Inject(CONFIG) private readonly config: Config) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async feed(lane: Lane): Promise<void> {
    const room = await this.queues.room(lane);
    if (room <= 0) return;
    const [rows] = await this.db.query<[{ id: string }[], number]>(
      `UPDATE dispatch SET queued_at = service_now() WHERE dispatch_id IN (
         SELECT dispatch_id FROM dispatch
         WHERE lane = $1 AND state = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= service_now())
           AND (queued_at IS NULL OR queued_at < service_now() - $3 * interval '1 second')
         ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING dispatch_id AS id`,
      [lane, room * JOB_SIZE, LOST_AFTER_SECONDS],
    );
    if (rows.length > 0) await this.queues.add(lane, intoJobs(rows.map(({ id }) => id), Math.min(room, this.config.MAIL_CONCURRENCY)));
  }
}

/** Few mails go side by side; many fill jobs. @returns `hands` jobs at most, unless they are full. */
export function intoJobs(ids: readonly string[], hands: number): string[][] {
  const size = Math.min(Math.ceil(ids.length / hands), JOB_SIZE);
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));
}
