import { Module } from '@nestjs/common';
import { WindowModule } from '../windows/window.module.js';
import { ContributionController } from './contribution.controller.js';
import { ContributionQueries } from './contribution.queries.js';
import { ManageController } from './manage.controller.js';
import { ModerateContribution } from './moderate-contribution.use-case.js';
import { ModerationController } from './moderation.controller.js';
import { WithdrawContribution } from './withdraw-contribution.use-case.js';

@Module({
  imports: [WindowModule],
  controllers: [ContributionController, ModerationController, ManageController],
  providers: [ContributionQueries, WithdrawContribution, ModerateContribution],
})
export class ContributionModule {}
