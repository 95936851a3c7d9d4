import { contributionHidden, contributionShown, contributionSubmitted, contributionWithdrawn, type ContributionFacts, type DataOf, sealedContact, type SealedContact } from '@cahier/contracts';
import { type EventContext, OnEvent, OnEventBatch, type ReceivedEvent } from '@cahier/messaging';
import { inSpan, unseal } from '@cahier/platform';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { CONFIG, type Config } from '../config.js';
import { tell } from './launch-mailing.js';

/** Tells authors who gave an address what became of their contribution. */
@Controller()
export class TellAuthors {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @OnEventBatch(contributionSubmitted)
  async submitted(@Payload() events: ReceivedEvent<typeof contributionSubmitted>[], @Ctx() { tx }: EventContext): Promise<void> {
    for (const { data, time, traceparent } of events) {
      const contact = await this.contactOf(data);
      if (!contact) continue;
      const { contributionId, campaignId, filingNumber, receivedAt, bodySha256 } = data;
      const content = { contributionId, filingNumber, receivedAt, bodySha256, manageUrl: this.manageUrl(contributionId, contact) };
      await inSpan('order receipt', traceparent ?? null, () => tell(tx, 'receipt', campaignId, contributionId, [{ address: contact.email, language: contact.language, content }], time));
    }
  }

  @OnEvent(contributionWithdrawn)
  async withdrawn(@Payload() data: ContributionFacts, @Ctx() { tx, event }: EventContext): Promise<void> {
    const contact = await this.contactOf(data);
    if (!contact) return;
    const content = { filingNumber: data.filingNumber, at: event.time.toISOString() };
    await tell(tx, 'withdrawal', data.campaignId, data.contributionId, [{ address: contact.email, language: contact.language, content }], event.time);
  }

  @OnEvent(contributionHidden)
  async hidden(@Payload() data: DataOf<typeof contributionHidden>, @Ctx() context: EventContext): Promise<void> {
    await this.moderated('hidden', data, data.reason, context);
  }

  @OnEvent(contributionShown)
  async shown(@Payload() data: DataOf<typeof contributionShown>, @Ctx() context: EventContext): Promise<void> {
    await this.moderated('shown', data, data.reason, context);
  }

  private async moderated(action: 'hidden' | 'shown', data: ContributionFacts, reason: string, { tx, event }: EventContext): Promise<void> {
    const contact = await this.contactOf(data);
    if (!contact) return;
    const content = { filingNumber: data.filingNumber, action, reason, manageUrl: this.manageUrl(data.contributionId, contact) };
    await tell(tx, 'moderation', data.campaignId, event.id, [{ address: contact.email, language: contact.language, content }], event.time);
  }

  /** Undefined where the author gave no address. */
  private async contactOf({ sealedContact: sealed }: ContributionFacts): Promise<SealedContact | undefined> {
    return sealed === undefined ? undefined : unseal(this.config.CONTACT_SEALING_PRIVATE_JWKS, sealed, sealedContact);
  }

  private manageUrl(contributionId: string, { managementToken }: SealedContact): string {
    return `${this.config.CONTRIBUTION_PUBLIC_URL}/manage/${contributionId}?token=${managementToken ?? ''}`;
  }
}
