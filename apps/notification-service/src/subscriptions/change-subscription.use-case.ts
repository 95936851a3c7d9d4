import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { LinkInvalid, readLinkToken } from '../mails/links.js';

/** What the links of a mail do. Each may be used again: the second time changes nothing. */
@Injectable()
export class ChangeSubscription {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** @throws LinkInvalid. */
  async confirm(token: string): Promise<void> {
    await this.change(readLinkToken(this.config.LINK_KEYS, 'confirm', token), `state = 'confirmed', confirmed_at = coalesce(confirmed_at, service_now())`, `state <> 'unsubscribed'`);
  }

  /** @throws LinkInvalid. */
  async unsubscribe(token: string): Promise<void> {
    await this.change(readLinkToken(this.config.LINK_KEYS, 'manage', token), `state = 'unsubscribed', unsubscribed_at = coalesce(unsubscribed_at, service_now())`, 'true');
  }

  /** @param kinds to be told of from now on. @throws LinkInvalid. */
  async choose(token: string, kinds: readonly string[]): Promise<void> {
    await this.change(readLinkToken(this.config.LINK_KEYS, 'manage', token), 'kinds = $2', 'true', [JSON.stringify(kinds)]);
  }

  private async change(subscriptionId: string, assignments: string, condition: string, values: readonly unknown[] = []): Promise<void> {
    const [, changed] = await this.db.query<[unknown, number]>(`UPDATE subscription SET ${assignments} WHERE subscription_id = $1 AND ${condition}`, [subscriptionId, ...values]);
    if (changed === 0) throw new LinkInvalid();
  }
}
