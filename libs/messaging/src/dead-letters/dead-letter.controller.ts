import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { deadLetterPage, deadLetterView, discardDeadLetter, listDeadLetters, type DeadLetterPage, type DeadLetterView, type DiscardDeadLetter as Discard, type ListDeadLetters } from './dead-letter.dto.js';
import { DeadLetterQueries } from './dead-letter.queries.js';
import { DiscardDeadLetter } from './discard-dead-letter.use-case.js';
import { ReplayDeadLetter } from './replay-dead-letter.use-case.js';

/** Messages that this service could not handle, for its administrators. */
@ApiTags('dead-letters')
@ApiBearerAuth()
@Controller('staff/dead-letters')
@Staff('admin')
export class DeadLetterController {
  constructor(private readonly queries: DeadLetterQueries, private readonly replayDeadLetter: ReplayDeadLetter, private readonly discardDeadLetter: DiscardDeadLetter) {}

  @Get()
  @ApiOperation({ summary: 'Messages en échec · Dead letters' })
  @ApiResponse({ status: 200, standardSchema: deadLetterPage })
  async list(@Query({ schema: listDeadLetters }) query: ListDeadLetters): Promise<DeadLetterPage> {
    return this.queries.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Un message en échec, sans son contenu · A dead letter, without its content' })
  @ApiResponse({ status: 200, standardSchema: deadLetterView })
  async show(@Param('id', ParseUUIDPipe) id: string): Promise<DeadLetterView> {
    return this.queries.show(id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Traiter de nouveau le message · Handle the message again' })
  @ApiResponse({ status: 200, standardSchema: deadLetterView })
  async replay(@Param('id', ParseUUIDPipe) id: string, @CurrentStaff() staff: StaffMember): Promise<DeadLetterView> {
    await this.replayDeadLetter.execute(id, staff.subject);
    return this.queries.show(id);
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Abandonner le message · Give the message up' })
  @ApiResponse({ status: 200, standardSchema: deadLetterView })
  async discard(@Param('id', ParseUUIDPipe) id: string, @Body({ schema: discardDeadLetter }) { reason }: Discard, @CurrentStaff() staff: StaffMember): Promise<DeadLetterView> {
    await this.discardDeadLetter.execute(id, reason, staff.subject);
    return this.queries.show(id);
  }
}
