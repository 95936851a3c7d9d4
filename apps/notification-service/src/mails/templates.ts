import { createHash } from 'node:crypto';
import type { CampaignFacts, Language, MailingKind } from '@cahier/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { campaignCopy } from '../campaigns/campaign-copies.js';
import { CONFIG, type Config } from '../config.js';
import { contentOf, saysTheSameToAll } from './contents.js';
import { linkToken } from './links.js';
import { MessageTemplate } from './message-template.js';
import { renderMail, type SubscriptionLinks } from './render-mail.js';

/** What a mail is made of. */
export interface MailIngredients {
  readonly dispatchId: string;
  readonly mailingId: string;
  readonly kind: MailingKind;
  readonly campaignId: string;
  /** Of the campaign's facts. */
  readonly campaignVersion: number;
  readonly address: string;
  readonly language: Language;
  readonly content: object;
  readonly mailingContent: object;
  readonly subscriptionId: string | null;
}

/** Mailings under way at once, in two languages, with room to spare; beyond that the oldest is made again. */
const KEPT = 32;

/** Makes the mails of one mailing and language from one template, where they differ by address and links alone. */
@Injectable()
export class Templates {
  private readonly campaigns = new Map<string, CampaignFacts>();
  private readonly templates = new Map<string, MessageTemplate>();
  private readonly host: string;

  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {
    this.host = new URL(config.PUBLIC_URL).hostname;
  }

  /** @returns what writes the mail out, for the moment at which it goes. @throws Error when it would have a hole. */
  async compose(mail: MailIngredients): Promise<(at: Date) => { messageId: string; raw: Buffer }> {
    const template = await this.templateOf(mail);
    const links = this.linksOf(mail);
    const messageId = `<${mail.dispatchId}@${this.host}>`;
    const headers: Readonly<Record<string, string>> = links ? { 'List-Unsubscribe': `<${links.unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {};
    return (date) => ({ messageId, raw: template.for({ to: mail.address, messageId, date, headers, ...(links && { links }) }) });
  }

  private async templateOf(mail: MailIngredients): Promise<MessageTemplate> {
    const campaign = await this.campaignOf(mail);
    if (!saysTheSameToAll(mail.kind)) return this.compile(mail, campaign);
    const key = `${mail.mailingId} ${mail.language} ${mail.campaignVersion} ${mail.subscriptionId !== null}`;
    return this.templates.get(key) ?? keep(this.templates, key, this.compile(mail, campaign));
  }

  private async campaignOf({ campaignId, campaignVersion }: MailIngredients): Promise<CampaignFacts> {
    const key = `${campaignId} ${campaignVersion}`;
    const known = this.campaigns.get(key);
    if (known) return known;
    const facts = await campaignCopy(this.db.manager, campaignId);
    if (!facts) throw new Error(`Campaign ${campaignId} is gone`);
    return keep(this.campaigns, key, facts);
  }

  private compile({ kind, language, content, mailingContent, subscriptionId }: MailIngredients, campaign: CampaignFacts): MessageTemplate {
    const words = contentOf(kind, { campaign, language, campaignUrl: `${this.config.CAMPAIGN_PUBLIC_URL}/campaigns/${campaign.campaignId}` }, mailingContent, content);
    const isListMail = hasList(kind, subscriptionId);
    return new MessageTemplate(
      (links) => renderMail(words, language, campaign.rules.responsibleService.name[language], isListMail ? links : undefined),
      (subject) => ({
        'From': this.config.MAIL_FROM,
        'Subject': subject,
        'Auto-Submitted': 'auto-generated',
        'Content-Language': language,
        'Feedback-ID': `${createHash('sha256').update(campaign.campaignId).digest('hex').slice(0, 16)}:${kind}:cahier`,
        ...(isListMail && { 'List-Id': `<${campaign.campaignId}.${this.host}>` }),
      }),
    );
  }

  private linksOf({ kind, subscriptionId }: MailIngredients): SubscriptionLinks | undefined {
    if (!hasList(kind, subscriptionId)) return undefined;
    const token = linkToken(this.config.LINK_KEYS, 'manage', subscriptionId);
    return { unsubscribeUrl: `${this.config.PUBLIC_URL}/unsubscribe?token=${token}`, preferencesUrl: `${this.config.PUBLIC_URL}/preferences?token=${token}` };
  }
}

/** Receipts and legal notices are no list mail: there is nothing to unsubscribe from. */
const hasList = (kind: MailingKind, subscriptionId: string | null): subscriptionId is string => subscriptionId !== null && kind !== 'confirmation';

function keep<T>(kept: Map<string, T>, key: string, value: T): T {
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, value);
  return value;
}
