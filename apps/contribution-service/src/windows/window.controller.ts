import { Public } from '@cahier/platform';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { campaignParams, windowView, type CampaignParams, type WindowView } from './window.dto.js';
import { WindowQueries } from './window.queries.js';

@ApiTags('window')
@Controller('campaigns/:campaignId/window')
export class WindowController {
  constructor(private readonly queries: WindowQueries) {}

  @Get()
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Fenêtre de dépôt et heure du serveur · Filing window and the server’s time' })
  @ApiResponse({ status: 200, standardSchema: windowView })
  window(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<WindowView> {
    return this.queries.window(campaignId);
  }
}
