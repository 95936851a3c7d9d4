import { Limited, Public } from '@cahier/platform';
import { Controller, Get, Header, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { campaignParams, type CampaignParams } from '../windows/window.dto.js';
import { contributionParams, listQuery, ownContribution, publicContributions, type ContributionParams, type ListQuery, type OwnContribution, type PublicContributions } from './contribution.dto.js';
import { ContributionQueries } from './contribution.queries.js';
import { WithdrawContribution } from './withdraw-contribution.use-case.js';

const bearer = (authorization: string | undefined): string => /^Bearer +([\w-]+)$/i.exec(authorization ?? '')?.[1] ?? '';

@ApiTags('contributions')
@Controller()
export class ContributionController {
  constructor(private readonly queries: ContributionQueries, private readonly withdrawContribution: WithdrawContribution) {}

  @Get('campaigns/:campaignId/contributions')
  @Public()
  @ApiOperation({ summary: 'Contributions publiées · Published contributions' })
  @ApiResponse({ status: 200, standardSchema: publicContributions })
  published(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Query({ schema: listQuery }) query: ListQuery): Promise<PublicContributions> {
    return this.queries.published(campaignId, query);
  }

  @Get('contributions/:contributionId')
  @Public()
  @Limited('general', 'guessing')
  @Header('cache-control', 'no-store')
  @ApiBearerAuth('managementToken')
  @ApiOperation({ summary: 'Relire sa contribution · Read one’s own contribution' })
  @ApiResponse({ status: 200, standardSchema: ownContribution })
  own(@Param({ schema: contributionParams }) { contributionId }: ContributionParams, @Headers('authorization') authorization: string | undefined): Promise<OwnContribution> {
    return this.queries.own(contributionId, bearer(authorization));
  }

  @Post('contributions/:contributionId/withdraw')
  @Public()
  @Limited('general', 'guessing')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiBearerAuth('managementToken')
  @ApiOperation({ summary: 'Retirer sa contribution avant la clôture · Withdraw one’s own contribution before closing' })
  @ApiResponse({ status: 200, standardSchema: ownContribution })
  async withdraw(@Param({ schema: contributionParams }) { contributionId }: ContributionParams, @Headers('authorization') authorization: string | undefined): Promise<OwnContribution> {
    const token = bearer(authorization);
    await this.withdrawContribution.execute(contributionId, token);
    return this.queries.own(contributionId, token);
  }
}
