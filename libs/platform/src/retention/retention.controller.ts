import { Controller, HttpCode, Post, type StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { longAnswer } from '../long-answer.js';
import { CurrentStaff, Staff, type StaffMember } from '../staff.js';
import { Retention } from './retention.js';

const removedView = z
  .object({
    /** Rule → rows. */
    removed: z.record(z.string(), z.int().nonnegative()),
  })
  .meta({ id: 'Removed' });

@ApiTags('operations')
@Controller('staff/retention')
@Staff('admin')
export class RetentionController {
  constructor(private readonly retention: Retention) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Efface ce qui a été conservé assez longtemps · Erases what has been kept long enough', description: 'Every replica does so by itself, once an hour.' })
  @ApiResponse({ status: 200, standardSchema: removedView })
  run(@CurrentStaff() staff: StaffMember): StreamableFile {
    return longAnswer(this.retention.run(staff).then((removed) => ({ removed })));
  }
}
