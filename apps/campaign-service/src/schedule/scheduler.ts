import { Relay } from '@cahier/messaging';
import { describeFailure, inSpan, Loop, Metrics } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { FireDue } from './fire-due.use-case.js';

/** Looks at the schedule again and again; the rows decide, not this loop. */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Scheduler.name);
  private readonly loop = new Loop(async () => {
    await this.fireAll();
    return this.config.SCHEDULER_POLL_MS;
  });

  constructor(private readonly fireDue: FireDue, private readonly relay: Relay, metrics: Metrics, @Inject(CONFIG) private readonly config: Config) {
    metrics.gauge('cahier_schedule_overdue_seconds', 'How long the most overdue entry of the schedule has waited; 0 when nothing is due.', [], async (gauge) => {
      gauge.set(await fireDue.overdueSeconds());
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Fires everything that is due. What fails stays due, and keeps no other campaign waiting. @returns how many entries were settled. */
  async fireAll(): Promise<number> {
    let settled = 0;
    for (const campaignId of await this.attempt('The schedule', () => this.fireDue.due()) ?? []) {
      while (!this.loop.stopping && (await this.attempt(`What is due to campaign ${campaignId}`, () => inSpan('fire schedule', null, () => this.fireDue.execute(campaignId))))) {
        settled++;
        this.relay.wake();
      }
    }
    return settled;
  }

  /** @returns undefined when it failed: the next round tries again. */
  private async attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn(`${what} could not be looked at: ${describeFailure(error)}`);
      return undefined;
    }
  }
}
