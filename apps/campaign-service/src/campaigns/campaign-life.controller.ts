import { CurrentStaff, etag, ifMatch, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CampaignQueries } from './campaign.queries.js';
import { cancelBody, campaignParams, type CampaignParams, campaignView, type CampaignView, extendBody, rescheduleBody, scheduleBody } from './campaign.dto.js';
import { CancelCampaign } from './cancel-campaign.use-case.js';
import { ExtendCampaign } from './extend-campaign.use-case.js';
import { PublishReport } from './publish-report.use-case.js';
import { ScheduleCampaign } from './schedule-campaign.use-case.js';
import { UnscheduleCampaign } from './unschedule-campaign.use-case.js';

interface Reply { header(name: string, value: string): unknown }

/** What changes a campaign's state: each needs the entity tag last seen, and answers with the campaign as it then is. */
@ApiTags('campaigns, staff')
@ApiHeader({ name: 'If-Match', required: true })
@Controller('staff/campaigns/:campaignId')
@Staff('campaign-manager')
export class CampaignLifeController {
  constructor(
    private readonly scheduling: ScheduleCampaign,
    private readonly unscheduling: UnscheduleCampaign,
    private readonly extending: ExtendCampaign,
    private readonly cancelling: CancelCampaign,
    private readonly publishing: PublishReport,
    private readonly queries: CampaignQueries,
  ) {}

  @Post('schedule')
  @HttpCode(200)
  @ApiOperation({ summary: 'Programme l’ouverture et la clôture · Schedules opening and closing' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async schedule(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @Body({ schema: scheduleBody }) body: z.infer<typeof scheduleBody>, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    const { zone, opensAtLocal, closesAtLocal, disambiguation } = body;
    await this.scheduling.execute(campaignId, ifMatch(tag), 'schedule', { ...(zone && { zone }), ...(opensAtLocal && { opensAtLocal }), ...(closesAtLocal && { closesAtLocal }), disambiguation }, staff);
    return this.now(campaignId, reply);
  }

  @Post('reschedule')
  @HttpCode(200)
  @ApiOperation({ summary: 'Change les dates avant l’ouverture · Changes the dates before the opening' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async reschedule(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @Body({ schema: rescheduleBody }) body: z.infer<typeof rescheduleBody>, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.scheduling.execute(campaignId, ifMatch(tag), 'reschedule', body, staff);
    return this.now(campaignId, reply);
  }

  @Post('unschedule')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revient au brouillon · Goes back to draft' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async unschedule(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.unscheduling.execute(campaignId, ifMatch(tag), staff);
    return this.now(campaignId, reply);
  }

  @Post('extend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Prolonge · Extends' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async extend(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @Body({ schema: extendBody }) body: z.infer<typeof extendBody>, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.extending.execute(campaignId, ifMatch(tag), body, staff);
    return this.now(campaignId, reply);
  }

  @Post('cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Annule · Cancels' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async cancel(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @Body({ schema: cancelBody }) { reason }: z.infer<typeof cancelBody>, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.cancelling.execute(campaignId, ifMatch(tag), reason, staff);
    return this.now(campaignId, reply);
  }

  @Post('publish')
  @HttpCode(200)
  @ApiOperation({ summary: 'Publie le rapport de clôture · Publishes the closing report' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async publish(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') tag: string | undefined, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.publishing.execute(campaignId, ifMatch(tag), staff);
    return this.now(campaignId, reply);
  }

  private async now(campaignId: string, reply: Reply): Promise<CampaignView> {
    const campaign = await this.queries.campaign(campaignId);
    reply.header('etag', etag(campaign.version));
    return campaign;
  }
}
