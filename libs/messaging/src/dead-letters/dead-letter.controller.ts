import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { discardDeadLetter, listDeadLetters, type DeadLetterPage, type DeadLetterView, type DiscardDeadLetter as Discard, type ListDeadLetters } from './dead-letter.dto.js';
import { DeadLetterQueries } from './dead-letter.queries.js';
import { DiscardDeadLetter } from './discard-dead-letter.use-case.js';
import { ReplayDeadLetter } from './replay-dead-letter.use-case.js';

/** Messages that this service could not handle, for its administrators. */
@Controller('staff/dead-letters')
@Staff('admin')
export class DeadLetterController {
  constructor(private readonly queries: DeadLetterQueries, private readonly replayDeadLetter: ReplayDeadLetter, private readonly discardDeadLetter: DiscardDeadLetter) {}

  @Get()
  async list(@Query({ schema: listDeadLetters }) query: ListDeadLetters): Promise<DeadLetterPage> {
    return this.queries.list(query);
  }

  @Get(':id')
  async show(@Param('id', ParseUUIDPipe) id: string): Promise<DeadLetterView> {
    return this.queries.show(id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param('id', ParseUUIDPipe) id: string, @CurrentStaff() staff: StaffMember): Promise<DeadLetterView> {
    await this.replayDeadLetter.execute(id, staff.subject);
    return this.queries.show(id);
  }

  @Post(':id/discard')
  @HttpCode(200)
  async discard(@Param('id', ParseUUIDPipe) id: string, @Body({ schema: discardDeadLetter }) { reason }: Discard, @CurrentStaff() staff: StaffMember): Promise<DeadLetterView> {
    await this.discardDeadLetter.execute(id, reason, staff.subject);
    return this.queries.show(id);
  }
}
