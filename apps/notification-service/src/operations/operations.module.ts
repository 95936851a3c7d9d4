import { Module } from '@nestjs/common';
import { MailStatus } from './mail-status.js';
import { SweepController } from './sweep.controller.js';
import { SweepDispatches } from './sweep-dispatches.use-case.js';

@Module({ controllers: [SweepController], providers: [SweepDispatches, MailStatus] })
export class OperationsModule {}
