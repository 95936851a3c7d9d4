import { contributionHidden, contributionShown, contributionSubmitted, contributionWithdrawn, type ContributionFacts } from '@cahier/contracts';
import { OnEventBatch, type EventContext, type ReceivedEvent } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { rowOf, UPSERT_CONTRIBUTIONS } from './upsert-contributions.statement.js';

/** Keeps one row per contribution, whether or not its campaign was heard of. One statement per type and chunk. */
@Controller()
export class ProjectContributions {
  @OnEventBatch(contributionSubmitted)
  async submitted(@Payload() events: ReceivedEvent<typeof contributionSubmitted>[], @Ctx() context: EventContext): Promise<void> {
    await upsert(events, context);
  }

  @OnEventBatch(contributionWithdrawn)
  async withdrawn(@Payload() events: ReceivedEvent<typeof contributionWithdrawn>[], @Ctx() context: EventContext): Promise<void> {
    await upsert(events, context);
  }

  @OnEventBatch(contributionHidden)
  async hidden(@Payload() events: ReceivedEvent<typeof contributionHidden>[], @Ctx() context: EventContext): Promise<void> {
    await upsert(events, context);
  }

  @OnEventBatch(contributionShown)
  async shown(@Payload() events: ReceivedEvent<typeof contributionShown>[], @Ctx() context: EventContext): Promise<void> {
    await upsert(events, context);
  }
}

async function upsert(events: readonly { version: number; data: ContributionFacts }[], { tx }: EventContext): Promise<void> {
  await tx.query(UPSERT_CONTRIBUTIONS, [JSON.stringify(events.map(({ data, version }) => rowOf(data, version)))]);
}
