import { CurrentStaff, etag, ifMatch, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CampaignQueries } from './campaign.queries.js';
import { campaignBody, type CampaignBody, campaignParams, type CampaignParams, campaignView, type CampaignView, checklistView, listQuery, type ListQuery, page, type Page, transitionView, type TransitionView } from './campaign.dto.js';
import { CreateCampaign } from './create-campaign.use-case.js';
import { EditCampaign } from './edit-campaign.use-case.js';

interface Reply { header(name: string, value: string): unknown }

/** What the use cases take, from what staff typed. */
const contentOf = ({ steeringBodyIds: _, reminderHoursBeforeClosing, presentation, rules, zone, opensAtLocal, closesAtLocal, ...rest }: CampaignBody) => ({
  ...rest, reminderHours: reminderHoursBeforeClosing, presentation: presentation ?? null, rules: rules ?? null,
  zone: zone ?? null, opensAtLocal: opensAtLocal ?? null, closesAtLocal: closesAtLocal ?? null,
});

@ApiTags('campaigns, staff')
@Controller('staff/campaigns')
@Staff('campaign-manager')
export class StaffCampaignController {
  constructor(private readonly create: CreateCampaign, private readonly edit: EditCampaign, private readonly queries: CampaignQueries) {}

  @Post()
  @ApiOperation({ summary: 'Crée un brouillon · Creates a draft' })
  @ApiResponse({ status: 201, standardSchema: z.object({ campaignId: z.uuid() }) })
  async createDraft(@Body({ schema: campaignBody }) body: CampaignBody, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<{ campaignId: string }> {
    const campaignId = await this.create.execute(contentOf(body), body.steeringBodyIds, staff);
    reply.header('etag', etag(1));
    return { campaignId };
  }

  @Get()
  @ApiOperation({ summary: 'Campagnes, brouillons compris · Campaigns, drafts included' })
  @ApiResponse({ status: 200, standardSchema: page(campaignView) })
  list(@Query({ schema: listQuery }) query: ListQuery): Promise<Page<CampaignView>> {
    return this.queries.campaigns(query);
  }

  @Get(':campaignId')
  @ApiOperation({ summary: 'Une campagne · A campaign' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async read(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    const campaign = await this.queries.campaign(campaignId);
    reply.header('etag', etag(campaign.version));
    return campaign;
  }

  @Put(':campaignId')
  @HttpCode(200)
  @ApiHeader({ name: 'If-Match', required: true })
  @ApiOperation({ summary: 'Modifie un brouillon · Edits a draft' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async change(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-match') version: string | undefined, @Body({ schema: campaignBody }) body: CampaignBody, @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply): Promise<CampaignView> {
    await this.edit.execute(campaignId, ifMatch(version), contentOf(body), body.steeringBodyIds, staff);
    return this.read({ campaignId }, reply);
  }

  @Get(':campaignId/checklist')
  @ApiOperation({ summary: 'Ce qui manque avant de programmer · What is missing before scheduling' })
  @ApiResponse({ status: 200, standardSchema: checklistView })
  async checklist(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<z.infer<typeof checklistView>> {
    return { items: await this.queries.checklist(campaignId) };
  }

  @Get(':campaignId/transitions')
  @ApiOperation({ summary: 'Qui a fait quoi, quand, pourquoi · Who did what, when, why' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(transitionView) }) })
  async transitions(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<{ items: TransitionView[] }> {
    return { items: await this.queries.transitions(campaignId) };
  }
}
