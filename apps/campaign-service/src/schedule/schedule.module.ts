import { Module } from '@nestjs/common';
import { CampaignModule } from '../campaigns/campaign.module.js';
import { FireDue } from './fire-due.use-case.js';
import { ScheduleStatus } from './schedule-status.js';
import { Scheduler } from './scheduler.js';

@Module({ imports: [CampaignModule], providers: [FireDue, Scheduler, ScheduleStatus], exports: [Scheduler] })
export class ScheduleModule {}
