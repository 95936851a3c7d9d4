import { Readable } from 'node:stream';
import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { campaignParams, type CampaignParams } from '../windows/window.dto.js';
import { contributionParams, moderationBody, staffContribution, type ContributionParams, type ModerationBody, type StaffContribution } from './contribution.dto.js';
import { ContributionQueries } from './contribution.queries.js';
import { ModerateContribution } from './moderate-contribution.use-case.js';

@ApiTags('moderation')
@Controller('staff')
export class ModerationController {
  constructor(private readonly queries: ContributionQueries, private readonly moderateContribution: ModerateContribution) {}

  @Get('contributions/:contributionId')
  @Staff('moderator', 'admin')
  @ApiOperation({ summary: 'Une contribution et sa modération · A contribution and its moderation' })
  @ApiResponse({ status: 200, standardSchema: staffContribution })
  one(@Param({ schema: contributionParams }) { contributionId }: ContributionParams): Promise<StaffContribution> {
    return this.queries.forStaff(contributionId);
  }

  @Post('contributions/:contributionId/hide')
  @Staff('moderator', 'admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Masquer une contribution · Hide a contribution' })
  @ApiResponse({ status: 200, standardSchema: staffContribution })
  hide(@Param({ schema: contributionParams }) { contributionId }: ContributionParams, @Body({ schema: moderationBody }) { reason }: ModerationBody, @CurrentStaff() by: StaffMember): Promise<StaffContribution> {
    return this.moderate(contributionId, 'hide', reason, by);
  }

  @Post('contributions/:contributionId/show')
  @Staff('moderator', 'admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Afficher de nouveau une contribution · Show a contribution again' })
  @ApiResponse({ status: 200, standardSchema: staffContribution })
  show(@Param({ schema: contributionParams }) { contributionId }: ContributionParams, @Body({ schema: moderationBody }) { reason }: ModerationBody, @CurrentStaff() by: StaffMember): Promise<StaffContribution> {
    return this.moderate(contributionId, 'show', reason, by);
  }

  @Get('campaigns/:campaignId/contribution-ids')
  @Staff('moderator', 'analyst', 'admin')
  @ApiOperation({ summary: 'Identifiants et empreintes de tous les dépôts, en JSONL · Ids and fingerprints of everything filed, as JSONL' })
  @ApiResponse({ status: 200, content: { 'application/jsonl': { schema: { type: 'string' } } } })
  async ids(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.queries.ids(campaignId), { objectMode: false }), { type: 'application/jsonl' });
  }

  private async moderate(contributionId: string, action: 'hide' | 'show', reason: string, by: StaffMember): Promise<StaffContribution> {
    await this.moderateContribution.execute({ contributionId, action, reason, by });
    return this.queries.forStaff(contributionId);
  }
}
