import { Limited, Public } from '@cahier/platform';
import { Body, Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { LinkInvalid } from '../mails/links.js';
import { ChangeSubscription } from './change-subscription.use-case.js';
import { confirmedPage, confirmPage, preferencesPage, unsubscribedPage, unsubscribePage } from './pages.js';
import { RequestSubscription } from './request-subscription.use-case.js';
import { confirmForm, type LinkQuery, linkQuery, preferencesForm, subscribeBody, type SubscribeBody, unsubscribeForm, unsubscribeQuery } from './subscription.dto.js';
import { SubscriptionQueries } from './subscription.queries.js';

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;

/** Subscriptions, and the pages that mail links open: GET shows and changes nothing (scanners follow links), POST acts. */
@ApiTags('subscriptions')
@Controller()
@Public()
export class SubscriptionController {
  constructor(private readonly request: RequestSubscription, private readonly change: ChangeSubscription, private readonly queries: SubscriptionQueries) {}

  @Post('subscriptions')
  @Limited('subscribing', 'all-subscribing')
  @HttpCode(202)
  @ApiOperation({ summary: 'Demande un abonnement, à confirmer par courriel · Asks for a subscription, to be confirmed by e-mail' })
  async subscribe(@Body({ schema: subscribeBody }) body: SubscribeBody): Promise<{ status: 'confirmation-sent-if-needed' }> {
    await this.request.execute(body);
    return { status: 'confirmation-sent-if-needed' };
  }

  @Get('confirm')
  @Limited('general', 'guessing')
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async showConfirm(@Query({ schema: linkQuery }) { token }: LinkQuery): Promise<string> {
    return confirmPage(await this.queries.byToken('confirm', token), token);
  }

  @Post('confirm')
  @Limited('general', 'guessing')
  @HttpCode(200)
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async confirm(@Body({ schema: confirmForm }) { token }: z.infer<typeof confirmForm>): Promise<string> {
    await this.change.confirm(token);
    return confirmedPage(await this.queries.byToken('confirm', token));
  }

  @Get('unsubscribe')
  @Limited('general', 'guessing')
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async showUnsubscribe(@Query({ schema: linkQuery }) { token }: LinkQuery): Promise<string> {
    return unsubscribePage(await this.queries.byToken('manage', token), token);
  }

  /** From the page's form, or by a mail program's one click (RFC 8058). */
  @Post('unsubscribe')
  @Limited('general', 'guessing')
  @HttpCode(200)
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async unsubscribe(@Query({ schema: unsubscribeQuery }) query: z.infer<typeof unsubscribeQuery>, @Body({ schema: unsubscribeForm }) form: z.infer<typeof unsubscribeForm>): Promise<string> {
    const token = form.token ?? query.token;
    if (token === undefined) throw new LinkInvalid();
    await this.change.unsubscribe(token);
    return unsubscribedPage(await this.queries.byToken('manage', token));
  }

  @Get('preferences')
  @Limited('general', 'guessing')
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async showPreferences(@Query({ schema: linkQuery }) { token }: LinkQuery): Promise<string> {
    return preferencesPage(await this.queries.byToken('manage', token), token);
  }

  @Post('preferences')
  @Limited('general', 'guessing')
  @HttpCode(200)
  @Header(...HTML)
  @ApiExcludeEndpoint()
  async choose(@Body({ schema: preferencesForm }) { token, ...kinds }: z.infer<typeof preferencesForm>): Promise<string> {
    await this.change.choose(token, Object.entries(kinds).filter(([, value]) => value === 'on').map(([kind]) => kind));
    return preferencesPage(await this.queries.byToken('manage', token), token, true);
  }
}
