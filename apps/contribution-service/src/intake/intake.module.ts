import { Relay } from '@cahier/messaging';
import { Metrics } from '@cahier/platform';
import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { WindowModule } from '../windows/window.module.js';
import { ContactSealer } from './contact-sealer.js';
import { FileContribution } from './file-contribution.use-case.js';
import { IntakeController } from './intake.controller.js';
import { IntakeQueue } from './intake-queue.js';
import { IntakeWriter } from './intake-writer.js';
import { LoopLag } from './loop-lag.js';
import { ParticipantReferences } from './participant-references.js';

@Module({
  imports: [WindowModule],
  controllers: [IntakeController],
  providers: [
    FileContribution, IntakeWriter, ParticipantReferences, ContactSealer, LoopLag,
    {
      provide: IntakeQueue,
      useFactory: (config: Config, writer: IntakeWriter) =>
        new IntakeQueue({ maxRows: config.QUEUE_MAX_ROWS, maxBytes: config.QUEUE_MAX_BYTES, maxWait: config.MAX_QUEUE_WAIT_MS }, (filings) => writer.write(filings)),
      inject: [CONFIG, IntakeWriter],
    },
  ],
})
export class IntakeModule {}
