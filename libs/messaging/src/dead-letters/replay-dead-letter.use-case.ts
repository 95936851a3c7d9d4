import { describeFailure, recordStaffAction } from '@cahier/platform';
import type { DataSource, EntityManager } from 'typeorm';
import { isPassing } from '../failure.js';
import { applyEvents } from '../inbox/apply-events.js';
import type { EventRoutes } from '../inbox/event-routes.js';
import { readMessage } from '../inbox/read-message.js';
import { DeadLetter } from './dead-letter.entity.js';
import { DeadLetterReplayFailed, DeadLetterSettled, DeadLetterUnknown } from './dead-letter.errors.js';

/** Handles a dead letter's message as if it had just arrived: once, whatever has happened to its event since. */
export class ReplayDeadLetter {
  constructor(private readonly db: DataSource, private readonly routes: EventRoutes) {}

  /**
   * Nothing happens to one that was replayed before.
   * @param by the subject of the operator's access token.
   * @throws DeadLetterUnknown, DeadLetterSettled (it was discarded), DeadLetterReplayFailed (its cause is updated).
   */
  async execute(id: string, by: string): Promise<void> {
    try {
      await this.db.transaction((tx) => replay(tx, id, by, this.routes));
    } catch (error) {
      if (isPassing(error) || error instanceof DeadLetterUnknown || error instanceof DeadLetterSettled) throw error;
      const cause = error instanceof Unreadable ? error.message : describeFailure(error);
      await this.db.transaction(async (tx) => {
        await tx.query(`UPDATE dead_letter SET cause = $2, attempts = attempts + 1 WHERE id = $1 AND state = 'open'`, [id, cause]);
        await recordStaffAction(tx, { subject: by }, { action: 'dead-letter.replay', targetId: id });
      });
      throw new DeadLetterReplayFailed({ fr: `Cause : ${cause}`, en: `Cause: ${cause}` });
    }
  }
}

/** Its message is a cause, in words without payload. */
class Unreadable extends Error {}

async function replay(tx: EntityManager, id: string, by: string, routes: EventRoutes): Promise<void> {
  const letter = await tx.findOne(DeadLetter, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!letter) throw new DeadLetterUnknown({ fr: `Aucun message en échec ${id}.`, en: `No dead letter ${id}.` });
  if (letter.state === 'replayed') return;
  if (letter.state === 'discarded') throw new DeadLetterSettled({ fr: 'Il a été abandonné.', en: 'It was discarded.' });

  const { topic, partition, offset, value, traceparent } = letter;
  const reading = readMessage({ topic, partition, offset, value, traceparent: traceparent ?? undefined }, (type) => routes.contractOf(topic, type));
  if (reading.kind === 'unreadable') throw new Unreadable(reading.cause);
  if (reading.kind === 'event') await applyEvents(tx, [reading.event], routes);
  await tx.query(`UPDATE dead_letter SET state = 'replayed', settled_at = now(), settled_by = $2 WHERE id = $1`, [id, by]);
  await recordStaffAction(tx, { subject: by }, { action: 'dead-letter.replay', targetId: id });
}
