import { Relay } from '@cahier/messaging';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { FireDue } from './fire-due.use-case.js';

/** Looks at the schedule again and again; the rows decide, not this loop. */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Scheduler.name);
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(private readonly fireDue: FireDue, private readonly relay: Relay, @Inject(CONFIG) private readonly config: Config) {}

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
      this.round = this.fireAll().finally(() => {
        if (!this.stopped) this.next();
      });
    }, this.config.SCHEDULER_POLL_MS);
  }

  private async fireAll(): Promise<void> {
    try {
      while (!this.stopped && (await this.fireDue.execute())) this.relay.wake();
    } catch (error) {
      // The rows stay due: the next round tries again.
      this.logger.warn(`The schedule could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
