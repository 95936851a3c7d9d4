import { type Actor, recordStaffAction } from '@cahier/platform';
import type { DataSource } from 'typeorm';
import type { Relay } from '../outbox/relay.js';
import { type Fact, republish } from './republish.js';

/** `republish` for a service that runs. */
export class TellAgain {
  constructor(private readonly db: DataSource, private readonly relay: Relay, private readonly facts: (db: DataSource) => AsyncIterable<Fact>) {}

  /** Who asked stands in the audit trail before the first fact. @returns how many facts wait in the outbox now. */
  async execute(by: Actor): Promise<number> {
    await recordStaffAction(this.db, by, { action: 'facts.republish' });
    const count = await republish(this.db, this.facts(this.db));
    this.relay.wake();
    return count;
  }
}
