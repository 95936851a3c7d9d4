import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AddMember } from './add-member.use-case.js';
import { CreateSteeringBody } from './create-steering-body.use-case.js';
import { RemoveMember } from './remove-member.use-case.js';
import { addMemberBody, bodyParams, createBodyBody, memberParams, type SteeringBodyView, steeringBodyView } from './steering.dto.js';
import { SteeringQueries } from './steering.queries.js';

@ApiTags('steering bodies')
@Controller('staff/steering-bodies')
@Staff('campaign-manager')
export class SteeringController {
  constructor(private readonly create: CreateSteeringBody, private readonly add: AddMember, private readonly remove: RemoveMember, private readonly queries: SteeringQueries) {}

  @Post()
  @ApiOperation({ summary: 'Crée une instance de pilotage · Creates a steering body' })
  @ApiResponse({ status: 201, standardSchema: z.object({ steeringBodyId: z.uuid() }) })
  async createBody(@Body({ schema: createBodyBody }) body: z.infer<typeof createBodyBody>, @CurrentStaff() staff: StaffMember): Promise<{ steeringBodyId: string }> {
    return { steeringBodyId: await this.create.execute(body, staff) };
  }

  @Get()
  @ApiOperation({ summary: 'Instances de pilotage · Steering bodies' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(steeringBodyView) }) })
  async list(): Promise<{ items: SteeringBodyView[] }> {
    return { items: await this.queries.bodies() };
  }

  @Get(':bodyId')
  @ApiOperation({ summary: 'Une instance et ses membres · A body and its members' })
  @ApiResponse({ status: 200, standardSchema: steeringBodyView })
  body(@Param({ schema: bodyParams }) { bodyId }: z.infer<typeof bodyParams>): Promise<SteeringBodyView> {
    return this.queries.body(bodyId);
  }

  @Post(':bodyId/members')
  @ApiOperation({ summary: 'Inscrit un membre · Adds a member' })
  @ApiResponse({ status: 201, standardSchema: z.object({ memberId: z.uuid() }) })
  async addMember(@Param({ schema: bodyParams }) { bodyId }: z.infer<typeof bodyParams>, @Body({ schema: addMemberBody }) body: z.infer<typeof addMemberBody>, @CurrentStaff() staff: StaffMember): Promise<{ memberId: string }> {
    return { memberId: await this.add.execute(bodyId, body, staff) };
  }

  @Delete(':bodyId/members/:memberId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Retire un membre · Removes a member' })
  removeMember(@Param({ schema: memberParams }) { bodyId, memberId }: z.infer<typeof memberParams>, @CurrentStaff() staff: StaffMember): Promise<void> {
    return this.remove.execute(bodyId, memberId, staff);
  }
}
