import { Public } from '@cahier/platform';
import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config.js';
import { calendarOf } from './calendar.js';
import { CampaignQueries } from './campaign.queries.js';
import { campaignParams, type CampaignParams, hubQuery, type HubQuery, page, type Page, publicCampaign, type PublicCampaign } from './campaign.dto.js';

@ApiTags('campaigns')
@Controller('campaigns')
@Public()
export class CampaignController {
  constructor(private readonly queries: CampaignQueries, @Inject(CONFIG) private readonly config: Config) {}

  @Get()
  @ApiOperation({ summary: 'Campagnes à venir, ouvertes, closes · Campaigns forthcoming, open, closed' })
  @ApiResponse({ status: 200, standardSchema: page(publicCampaign) })
  hub(@Query({ schema: hubQuery }) query: HubQuery): Promise<Page<PublicCampaign>> {
    return this.queries.hub(query);
  }

  @Get(':campaignId')
  @ApiOperation({ summary: 'Une campagne · A campaign' })
  @ApiResponse({ status: 200, standardSchema: publicCampaign })
  campaign(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<PublicCampaign> {
    return this.queries.publicCampaign(campaignId);
  }

  @Get(':campaignId/calendar.ics')
  @Header('content-type', 'text/calendar; charset=utf-8')
  @ApiOperation({ summary: 'Calendrier (iCalendar) · Calendar (iCalendar)' })
  async calendar(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<string> {
    const campaign = await this.queries.publicCampaign(campaignId);
    return calendarOf(campaign, await this.queries.revision(campaignId), `${this.config.PUBLIC_URL}/campaigns/${campaignId}`);
  }
}
