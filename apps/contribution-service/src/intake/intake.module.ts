import { Relay } from '@cahier/messaging';
import { Metrics } from '@cahier/platform';
import { Module } from '@nestjs/common';
import { CONFIG } from '../config.js';
import { WindowModule } from '../windows/window.module.js';
import { ContactSealer } from './contact-sealer.js';
import { createIntakeQueue } from './create-intake-queue.js';
import { FileContribution } from './file-contribution.use-case.js';
import { IntakeAdmission } from './intake-admission.js';
import { IntakeController } from './intake.controller.js';
import { IntakeQueue } from './intake-queue.js';
import { IntakeWriter } from './intake-writer.js';
import { LoopLag } from './loop-lag.js';
import { ParticipantReferences } from './participant-references.js';

@Module({
  imports: [WindowModule],
  controllers: [IntakeController],
  providers: [
    FileContribution, IntakeWriter, ParticipantReferences, ContactSealer, LoopLag, IntakeAdmission,
    { provide: IntakeQueue, useFactory: createIntakeQueue, inject: [CONFIG, IntakeWriter, Relay, Metrics] },
  ],
})
export class IntakeModule {}
