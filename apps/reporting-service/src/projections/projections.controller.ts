import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { EmptyProjections } from './empty-projections.use-case.js';

@ApiTags('operations')
@Controller('staff/projections')
@Staff('admin')
export class ProjectionsController {
  constructor(private readonly emptyProjections: EmptyProjections) {}

  @Post('empty')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Vide les projections, pour qu’elles se refassent · Empties the projections, so that they are made anew',
    description: 'Reports stay. Have campaign-service and contribution-service tell every fact again (`POST /staff/republish`); until they are heard, figures and interim reports are incomplete.',
  })
  async empty(@CurrentStaff() staff: StaffMember): Promise<void> {
    await this.emptyProjections.execute(staff);
  }
}
