import { instant } from '@cahier/contracts';
import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { visibleBodies } from '../access/visibility.js';
import { figures, type Figures } from './figures.dto.js';
import { FiguresQueries } from './figures.queries.js';

const params = z.strictObject({ campaignId: z.uuid() });
const filter = z.strictObject({ cutoff: instant.optional() });

@ApiTags('figures')
@Controller('staff/campaigns/:campaignId/figures')
export class FiguresController {
  constructor(private readonly queries: FiguresQueries) {}

  @Get()
  @Staff('analyst', 'campaign-manager', 'steering-member')
  @ApiOperation({ summary: 'Chiffres de participation, avec leur définition · Participation figures, each with its definition' })
  @ApiResponse({ status: 200, standardSchema: figures })
  of(@Param({ schema: params }) { campaignId }: z.infer<typeof params>, @Query({ schema: filter }) { cutoff }: z.infer<typeof filter>, @CurrentStaff() staff: StaffMember): Promise<Figures> {
    return this.queries.of(campaignId, visibleBodies(staff), cutoff === undefined ? undefined : new Date(cutoff));
  }
}
