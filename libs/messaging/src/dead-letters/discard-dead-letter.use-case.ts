import { recordStaffAction } from '@cahier/platform';
import type { DataSource } from 'typeorm';
import { DeadLetter } from './dead-letter.entity.js';
import { DeadLetterSettled, DeadLetterUnknown } from './dead-letter.errors.js';

/** Gives a dead letter up. It stays in the table, with the reason and who gave it. */
export class DiscardDeadLetter {
  constructor(private readonly db: DataSource) {}

  /**
   * Nothing happens to one that was discarded before.
   * @param by the subject of the operator's access token.
   * @throws DeadLetterUnknown, DeadLetterSettled (it was replayed).
   */
  async execute(id: string, reason: string, by: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const letter = await tx.findOne(DeadLetter, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!letter) throw new DeadLetterUnknown({ fr: `Aucun message en échec ${id}.`, en: `No dead letter ${id}.` });
      if (letter.state === 'discarded') return;
      if (letter.state === 'replayed') throw new DeadLetterSettled({ fr: 'Il a été traité.', en: 'It was replayed.' });
      await tx.query(`UPDATE dead_letter SET state = 'discarded', settled_at = now(), settled_by = $2, reason = $3 WHERE id = $1`, [id, by, reason]);
      await recordStaffAction(tx, { subject: by }, { action: 'dead-letter.discard', targetId: id });
    });
  }
}
