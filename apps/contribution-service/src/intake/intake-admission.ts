import { FrontDoor } from '@cahier/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { FILINGS } from './intake.controller.js';
import { IntakeOverloaded } from './intake.errors.js';
import { IntakeQueue } from './intake-queue.js';
import { LoopLag } from './loop-lag.js';

/** Refuses what cannot be written in time before anything of it is read: a refusal then costs a fraction of a filing, and those already in get their answer. */
@Injectable()
export class IntakeAdmission implements OnModuleInit {
  constructor(
    private readonly frontDoor: FrontDoor,
    private readonly queue: IntakeQueue,
    private readonly lag: LoopLag,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.frontDoor.guard({
      method: 'POST',
      path: FILINGS,
      isFull: () => this.queue.isFull || this.lag.ms > this.config.MAX_LOOP_LAG_MS,
      refusal: () => new IntakeOverloaded(),
    });
  }
}
