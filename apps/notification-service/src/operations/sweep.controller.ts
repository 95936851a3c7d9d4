import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { SweepDispatches } from './sweep-dispatches.use-case.js';

const sweptView = z.object({ mails: z.int().nonnegative() }).meta({ id: 'Swept' });

@ApiTags('mailings')
@Controller('staff/dispatches/sweep')
@Staff('mail-operator')
export class SweepController {
  constructor(private readonly sweepDispatches: SweepDispatches) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Essaie sans attendre tous les messages en attente · Tries every mail that waits, now' })
  @ApiResponse({ status: 200, standardSchema: sweptView })
  async sweep(@CurrentStaff() staff: StaffMember): Promise<z.infer<typeof sweptView>> {
    return { mails: await this.sweepDispatches.execute(staff) };
  }
}
