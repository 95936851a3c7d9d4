import type { DataSource } from 'typeorm';
import type { DeadLetterPage, DeadLetterView, ListDeadLetters } from './dead-letter.dto.js';
import { DeadLetterUnknown } from './dead-letter.errors.js';

const COLUMNS = `id AS "deadLetterId", topic, partition, message_offset::text AS "offset", event_id AS "eventId", event_type AS "eventType",
  octet_length(value) AS bytes, cause, attempts, state, failed_at AS "failedAt", settled_at AS "settledAt", settled_by AS "settledBy", reason`;

interface Row extends Omit<DeadLetterView, 'failedAt' | 'settledAt'> {
  readonly failedAt: Date;
  readonly settledAt: Date | null;
}

export class DeadLetterQueries {
  constructor(private readonly db: DataSource) {}

  /** Oldest first. The cursor is the id of the last one seen. */
  async list({ state, limit, cursor }: ListDeadLetters): Promise<DeadLetterPage> {
    const rows = await this.db.query<Row[]>(
      `SELECT ${COLUMNS} FROM dead_letter
        WHERE ($1::text IS NULL OR state = $1)
          AND ($2::uuid IS NULL OR (failed_at, id) > (SELECT failed_at, id FROM dead_letter WHERE id = $2::uuid))
        ORDER BY failed_at, id LIMIT $3`,
      [state ?? null, cursor ?? null, limit + 1],
    );
    const deadLetters = rows.slice(0, limit).map(view);
    const last = deadLetters.at(-1);
    return rows.length > limit && last ? { deadLetters, nextCursor: last.deadLetterId } : { deadLetters };
  }

  /** @throws DeadLetterUnknown. */
  async show(id: string): Promise<DeadLetterView> {
    const [row] = await this.db.query<Row[]>(`SELECT ${COLUMNS} FROM dead_letter WHERE id = $1`, [id]);
    if (!row) throw new DeadLetterUnknown({ fr: `Aucun message en échec ${id}.`, en: `No dead letter ${id}.` });
    return view(row);
  }
}

const view = (row: Row): DeadLetterView => ({ ...row, failedAt: row.failedAt.toISOString(), settledAt: row.settledAt?.toISOString() ?? null });
