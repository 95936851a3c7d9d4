import { contributionHidden, contributionShown } from '@cahier/contracts';
import { appendToOutbox, Relay } from '@cahier/messaging';
import { recordStaffAction, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Contribution } from './contribution.entity.js';
import { ContributionUnknown } from './contribution.errors.js';
import { Moderation } from './moderation.entity.js';

export interface ModerationOrder {
  readonly contributionId: string;
  readonly action: Moderation['action'];
  readonly reason: string;
  readonly by: { readonly subject: string; readonly name: string };
}

/** Takes a contribution out of sight, or back into it. Its author's words are kept; it stays counted. */
@Injectable()
export class ModerateContribution {
  constructor(private readonly db: DataSource, private readonly relay: Relay) {}

  /**
   * Changes the status, records who, when and why, and publishes contribution.hidden.v1 or contribution.shown.v1: all or nothing.
   * @throws ContributionUnknown, ContributionWithdrawn, ContributionStatusUnchanged.
   */
  async execute({ contributionId, action, reason, by }: ModerationOrder): Promise<void> {
    await this.db.transaction(async (tx) => {
      const contribution = await tx.findOne(Contribution, { where: { contributionId }, lock: { mode: 'pessimistic_write' } });
      if (!contribution) throw new ContributionUnknown();
      const at = await serviceNow(tx);
      contribution[action](at);
      await tx.update(Contribution, { contributionId }, contribution.changes());
      const { version } = contribution;
      await tx.insert(Moderation, { contributionId, version, action, reason, actorSubject: by.subject, actorName: by.name, at });
      await recordStaffAction(tx, by, { action: `contribution.${action}`, targetId: contributionId, campaignId: contribution.campaignId });
      if (action === 'hide') await appendToOutbox(tx, contributionHidden, { ...contribution.facts(), reason }, version, at);
      else await appendToOutbox(tx, contributionShown, { ...contribution.facts(), text: contribution.text!, reason }, version, at);
    });
    this.relay.wake();
  }
}
