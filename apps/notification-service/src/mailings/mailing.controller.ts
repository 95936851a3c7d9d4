import { CurrentStaff, Staff, type StaffMember } from '@cahier/platform';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type DispatchesQuery, dispatchesQuery, dispatchParams, type DispatchView, dispatchView, mailingParams, mailingsQuery, type MailingView, mailingView } from './mailing.dto.js';
import { MailingQueries } from './mailing.queries.js';
import { SettleIndeterminate } from './settle-indeterminate.use-case.js';

@ApiTags('mailings')
@Controller('staff')
@Staff('mail-operator', 'campaign-manager')
export class MailingController {
  constructor(private readonly queries: MailingQueries, private readonly settle: SettleIndeterminate) {}

  @Get('mailings')
  @ApiOperation({ summary: 'Envois d’une campagne et leur avancement · Mailings of a campaign and their progress' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(mailingView) }) })
  async list(@Query({ schema: mailingsQuery }) { campaignId }: z.infer<typeof mailingsQuery>): Promise<{ items: MailingView[] }> {
    return { items: await this.queries.mailings(campaignId) };
  }

  @Get('mailings/:mailingId')
  @ApiOperation({ summary: 'Un envoi · A mailing' })
  @ApiResponse({ status: 200, standardSchema: mailingView })
  mailing(@Param({ schema: mailingParams }) { mailingId }: z.infer<typeof mailingParams>): Promise<MailingView> {
    return this.queries.mailing(mailingId);
  }

  @Get('mailings/:mailingId/dispatches')
  @ApiOperation({ summary: 'Destinataires d’un envoi · Recipients of a mailing' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(dispatchView), next: z.string().nullable() }) })
  dispatches(@Param({ schema: mailingParams }) { mailingId }: z.infer<typeof mailingParams>, @Query({ schema: dispatchesQuery }) query: DispatchesQuery, @CurrentStaff() staff: StaffMember): Promise<{ items: DispatchView[]; next: string | null }> {
    return this.queries.dispatches(mailingId, query, staff.roles.includes('mail-operator'));
  }

  @Post('dispatches/:dispatchId/resend')
  @HttpCode(204)
  @Staff('mail-operator')
  @ApiOperation({ summary: 'Renvoie un message au sort inconnu · Sends a mail of unknown fate again' })
  resend(@Param({ schema: dispatchParams }) { dispatchId }: z.infer<typeof dispatchParams>, @CurrentStaff() staff: StaffMember): Promise<void> {
    return this.settle.resend(dispatchId, staff);
  }

  @Post('dispatches/:dispatchId/leave')
  @HttpCode(204)
  @Staff('mail-operator')
  @ApiOperation({ summary: 'Laisse un message au sort inconnu · Leaves a mail of unknown fate' })
  leave(@Param({ schema: dispatchParams }) { dispatchId }: z.infer<typeof dispatchParams>, @CurrentStaff() staff: StaffMember): Promise<void> {
    return this.settle.leave(dispatchId, staff);
  }
}
