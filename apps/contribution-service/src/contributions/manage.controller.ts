import { Limited, pickLanguage, Public } from '@cahier/platform';
import { Body, Controller, Get, Header, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { contributionParams, manageQuery, withdrawalForm, type ContributionParams, type ManageQuery, type WithdrawalForm } from './contribution.dto.js';
import { ContributionQueries } from './contribution.queries.js';
import { managePage } from './manage.page.js';
import { WithdrawContribution } from './withdraw-contribution.use-case.js';

interface Reply {
  redirect(location: string, status: number): unknown;
}

/** What the link of a receipt opens in a browser. GET shows, POST acts: mail scanners follow links. */
@ApiExcludeController()
@Controller('manage/:contributionId')
export class ManageController {
  constructor(private readonly queries: ContributionQueries, private readonly withdrawContribution: WithdrawContribution) {}

  @Get()
  @Public()
  @Limited('general', 'guessing')
  @Header('content-type', 'text/html; charset=utf-8')
  async show(
    @Param({ schema: contributionParams }) { contributionId }: ContributionParams,
    @Query({ schema: manageQuery }) { token }: ManageQuery,
    @Headers('accept-language') acceptLanguage: string | undefined,
  ): Promise<string> {
    return managePage(await this.queries.own(contributionId, token), token, pickLanguage(acceptLanguage));
  }

  /** Sends the browser back to the page: reloading it does nothing again. */
  @Post('withdraw')
  @Public()
  @Limited('general', 'guessing')
  async withdraw(
    @Param({ schema: contributionParams }) { contributionId }: ContributionParams,
    @Body({ schema: withdrawalForm }) { token }: WithdrawalForm,
    @Res() reply: Reply,
  ): Promise<void> {
    await this.withdrawContribution.execute(contributionId, token);
    reply.redirect(`../${contributionId}?token=${encodeURIComponent(token)}`, 303);
  }
}
