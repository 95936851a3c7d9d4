import { recordStaffAction, type Actor } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Lets every mail that waits go now: after the mail server or Redis was away, nobody wants to wait for the end of its pause. */
@Injectable()
export class SweepDispatches {
  constructor(private readonly db: DataSource) {}

  /** @returns how many mails. Those that are in a queue already find themselves sent once, as ever: the claim decides. */
  async execute(by: Actor): Promise<number> {
    return this.db.transaction(async (tx) => {
      const [, mails] = await tx.query<[unknown[], number]>(`UPDATE dispatch SET next_attempt_at = NULL, queued_at = NULL WHERE state = 'pending' AND (next_attempt_at IS NOT NULL OR queued_at IS NOT NULL)`);
      await recordStaffAction(tx, by, { action: 'dispatches.sweep' });
      return mails;
    });
  }
}
