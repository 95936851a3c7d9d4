import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreateEdition } from './create-edition.use-case.js';
import { CreateProgramme } from './create-programme.use-case.js';
import { createEditionBody, createProgrammeBody, type EditionView, editionView, programmeParams, type ProgrammeView, programmeView } from './programme.dto.js';
import { ProgrammeQueries } from './programme.queries.js';

type Params = z.infer<typeof programmeParams>;

@ApiTags('programmes')
@Controller('staff/programmes')
@Staff('campaign-manager')
export class ProgrammeController {
  constructor(private readonly createProgramme: CreateProgramme, private readonly createEdition: CreateEdition, private readonly queries: ProgrammeQueries) {}

  @Post()
  @ApiOperation({ summary: 'Crée un programme · Creates a programme' })
  @ApiResponse({ status: 201, standardSchema: z.object({ programmeId: z.uuid() }) })
  async create(@Body({ schema: createProgrammeBody }) { title }: z.infer<typeof createProgrammeBody>, @CurrentStaff() staff: StaffMember): Promise<{ programmeId: string }> {
    return { programmeId: await this.createProgramme.execute(title, staff) };
  }

  @Get()
  @ApiOperation({ summary: 'Programmes · Programmes' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(programmeView) }) })
  async list(): Promise<{ items: ProgrammeView[] }> {
    return { items: await this.queries.programmes() };
  }

  @Post(':programmeId/editions')
  @ApiOperation({ summary: 'Crée l’édition d’une année · Creates a year’s edition' })
  @ApiResponse({ status: 201, standardSchema: z.object({ editionId: z.uuid() }) })
  async addEdition(@Param({ schema: programmeParams }) { programmeId }: Params, @Body({ schema: createEditionBody }) body: z.infer<typeof createEditionBody>, @CurrentStaff() staff: StaffMember): Promise<{ editionId: string }> {
    return { editionId: await this.createEdition.execute(programmeId, body, staff) };
  }

  @Get(':programmeId/editions')
  @ApiOperation({ summary: 'Éditions d’un programme · Editions of a programme' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(editionView) }) })
  async editions(@Param({ schema: programmeParams }) { programmeId }: Params): Promise<{ items: EditionView[] }> {
    return { items: await this.queries.editions(programmeId) };
  }
}
