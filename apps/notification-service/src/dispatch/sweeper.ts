import { describeFailure, Loop } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { CompleteMailings } from '../mailings/complete-mailings.use-case.js';
import { RecoverDispatches } from './recover-dispatches.js';

/** Looks after what no job does: rows of processes that fell silent, and mailings that have come to their end. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private readonly loop = new Loop(
    async () => {
      await this.recover.execute();
      await this.complete.execute();
      return this.config.DISPATCH_POLL_MS;
    },
    (error) => {
      this.logger.warn(`Not swept: ${describeFailure(error)}`);
      return RETRY_MS;
    },
  );

  constructor(private readonly recover: RecoverDispatches, private readonly complete: CompleteMailings, @Inject(CONFIG) private readonly config: Config) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}

const RETRY_MS = 1_000;
