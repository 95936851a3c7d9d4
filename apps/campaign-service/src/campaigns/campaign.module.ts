import { Module } from '@nestjs/common';
import { CampaignController } from './campaign.controller.js';
import { CampaignEvents } from './campaign-facts.js';
import { CampaignLifeController } from './campaign-life.controller.js';
import { CampaignQueries } from './campaign.queries.js';
import { CancelCampaign } from './cancel-campaign.use-case.js';
import { CreateCampaign } from './create-campaign.use-case.js';
import { EditCampaign } from './edit-campaign.use-case.js';
import { ExtendCampaign } from './extend-campaign.use-case.js';
import { PublishReport } from './publish-report.use-case.js';
import { ScheduleCampaign } from './schedule-campaign.use-case.js';
import { StaffCampaignController } from './staff-campaign.controller.js';
import { UnscheduleCampaign } from './unschedule-campaign.use-case.js';
import { WindowChange } from './window-change.js';

@Module({
  controllers: [StaffCampaignController, CampaignLifeController, CampaignController],
  providers: [CreateCampaign, EditCampaign, ScheduleCampaign, UnscheduleCampaign, ExtendCampaign, CancelCampaign, PublishReport, CampaignEvents, WindowChange, CampaignQueries],
  exports: [CampaignEvents],
})
export class CampaignModule {}
