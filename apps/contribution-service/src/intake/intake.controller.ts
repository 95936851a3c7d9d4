import { Limited, Public } from '@cahier/platform';
import { Body, Controller, Headers, Param, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { campaignParams, type CampaignParams } from '../windows/window.dto.js';
import { contributionBody, idempotencyKey, receipt, type ContributionBody, type Receipt } from './contribution-body.dto.js';
import { FileContribution } from './file-contribution.use-case.js';
import { IdempotencyKeyInvalid } from './intake.errors.js';

/** Path of the route. */
export const FILINGS = 'campaigns/:campaignId/contributions';

@ApiTags('contributions')
@Controller(FILINGS)
export class IntakeController {
  constructor(private readonly fileContribution: FileContribution) {}

  @Post()
  @Public()
  @Limited('filing', 'campaign-filing')
  @ApiOperation({
    summary: 'Déposer une contribution · File a contribution',
    description: 'The reply is the receipt. Repeated with the same key and the same body, also after closing: the same receipt. 503: send it again, with the same key.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, schema: { type: 'string', pattern: '^[A-Za-z0-9_.~-]{22,128}$' } })
  @ApiResponse({ status: 201, standardSchema: receipt })
  async file(
    @Param({ schema: campaignParams }) { campaignId }: CampaignParams,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: contributionBody }) content: ContributionBody,
    @Req() { rawBody }: { rawBody: Buffer },
  ): Promise<Receipt> {
    const arrivedAt = performance.now();
    const parsedKey = idempotencyKey.safeParse(key);
    if (!parsedKey.success) throw new IdempotencyKeyInvalid();
    return this.fileContribution.execute({ campaignId, idempotencyKey: parsedKey.data, content, received: rawBody, arrivedAt });
  }
}
