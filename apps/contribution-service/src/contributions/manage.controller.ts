import { pickLanguage, Public } from '@cahier/platform';
import { Body, Controller, Get, Header, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { contributionParams, manageQuery, withdrawalForm, type ContributionParams, type ManageQuery, type WithdrawalForm } from './contribution.dto.js';
import { ContributionUnknown, WithdrawalTooLate, WithdrawalUndecided } from './contribution.errors.js';
import { ContributionQueries } from './contribution.queries.js';
import { managePage, refusedPage, unknownPage } from './manage.page.js';
import { WithdrawContribution } from './withdraw-contribution.use-case.js';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
}

/** What the link of a receipt opens in a browser. People get a page here, also when it is a refusal. */
@ApiExcludeController()
@Controller('manage/:contributionId')
export class ManageController {
  constructor(private readonly queries: ContributionQueries, private readonly withdrawContribution: WithdrawContribution) {}

  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  async show(
    @Param({ schema: contributionParams }) { contributionId }: ContributionParams,
    @Query({ schema: manageQuery }) { token }: ManageQuery,
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    const language = pickLanguage(acceptLanguage);
    try {
      return managePage(await this.queries.own(contributionId, token), token, language);
    } catch (error) {
      return refusal(error, reply, language);
    }
  }

  /** Acts, then sends the browser back to the page: reloading it does nothing again. */
  @Post('withdraw')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  async withdraw(
    @Param({ schema: contributionParams }) { contributionId }: ContributionParams,
    @Body({ schema: withdrawalForm }) { token }: WithdrawalForm,
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    try {
      await this.withdrawContribution.execute(contributionId, token);
      reply.status(303).header('location', `../${contributionId}?token=${encodeURIComponent(token)}`);
      return '';
    } catch (error) {
      return refusal(error, reply, pickLanguage(acceptLanguage));
    }
  }
}

function refusal(error: unknown, reply: Reply, language: 'fr' | 'en'): string {
  if (error instanceof ContributionUnknown) {
    reply.status(404);
    return unknownPage(language);
  }
  if (error instanceof WithdrawalTooLate) {
    reply.status(409);
    return refusedPage(language, 'over');
  }
  if (error instanceof WithdrawalUndecided) {
    reply.status(503).header('retry-after', '2');
    return refusedPage(language, 'retry');
  }
  throw error;
}
