import { CurrentStaff, longAnswer, Staff, type StaffMember } from '@cahier/platform';
import { Controller, HttpCode, Post, type StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TellAgain } from './tell-again.use-case.js';

const toldView = z
  .object({
    /** How many wait in the outbox now. */
    facts: z.int().nonnegative(),
  })
  .meta({ id: 'ToldAgain' });

@ApiTags('operations')
@Controller('staff/republish')
@Staff('admin')
export class RepublishController {
  constructor(private readonly tellAgain: TellAgain) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Redit tous les faits de ce service · Tells every fact of this service again', description: 'Whoever has heard them does nothing. May be repeated.' })
  @ApiResponse({ status: 200, standardSchema: toldView })
  run(@CurrentStaff() staff: StaffMember): StreamableFile {
    return longAnswer(this.tellAgain.execute(staff).then((facts) => ({ facts })));
  }
}
