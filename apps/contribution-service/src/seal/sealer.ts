import { describeFailure, failpoint, inSpan, Loop, Metrics } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { AnnounceSeal } from './announce-seal.use-case.js';
import { SealIntake } from './seal-intake.use-case.js';
import { SealQueries } from './seal.queries.js';

/** Looks for campaigns to seal, in every replica. What a crash left between sealing and announcing is found again. */
@Injectable()
export class Sealer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sealer.name);
  private readonly loop = new Loop(
    async () => {
      await this.sealDue();
      return this.config.SEAL_POLL_MS;
    },
    (error) => {
      this.wait(error);
      return this.config.SEAL_POLL_MS;
    },
  );

  constructor(
    private readonly queries: SealQueries,
    private readonly sealIntake: SealIntake,
    private readonly announceSeal: AnnounceSeal,
    metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    metrics.gauge('cahier_seal_wait_seconds', 'Since the closing of the campaign that has waited longest for its seal; 0 when none waits.', [], async (gauge) => {
      gauge.set(await this.queries.longestWaitSeconds());
    });
  }

  /** Seals and announces all that are due; one that cannot be sealed now does not keep the others. */
  async sealDue(): Promise<void> {
    for (const campaignId of await this.queries.unfinished()) await inSpan('seal intake', null, () => this.seal(campaignId)).catch((error: unknown) => { this.wait(error); });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async seal(campaignId: string): Promise<void> {
    await this.sealIntake.execute(campaignId);
    await failpoint('seal-between-transactions');
    await this.announceSeal.execute(campaignId);
    this.logger.log({ msg: 'Intake is sealed', campaignId });
  }

  private wait(error: unknown): void {
    this.logger.warn(`Sealing waits: ${describeFailure(error)}`);
  }
}
