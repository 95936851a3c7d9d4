import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Staff } from '../staff.js';
import { type ListStaffActions, listStaffActions, type StaffActionPage, staffActionPage } from './staff-action.dto.js';
import { StaffActionQueries } from './staff-action.queries.js';

/** Who did what, when, in this service. */
@ApiTags('operations')
@Controller('staff/actions')
@Staff('admin')
export class StaffActionController {
  constructor(private readonly queries: StaffActionQueries) {}

  @Get()
  @ApiOperation({ summary: 'Journal des actions des agents, la plus récente d’abord · What staff did, the latest first' })
  @ApiResponse({ status: 200, standardSchema: staffActionPage })
  list(@Query({ schema: listStaffActions }) query: ListStaffActions): Promise<StaffActionPage> {
    return this.queries.list(query);
  }
}
