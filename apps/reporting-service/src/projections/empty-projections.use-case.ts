import { type Actor, DomainError, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { forgetProjections } from './forget-projections.js';

/** A report that is being made would be made of what is left. */
export class ProjectionsInUse extends DomainError {
  readonly code = 'projections.in-use';
  readonly kind = 'conflict';
  readonly title = { fr: 'Un rapport est en cours d’établissement', en: 'A report is being made' };

  constructor() {
    super({ fr: 'Attendez qu’il soit publié, puis recommencez.', en: 'Wait until it is published, then try again.' });
  }
}

/** lock_not_available */
const isLocked = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '55P03';

/** The first half of a rebuild, while the service runs: the second is that campaign-service and contribution-service tell every fact again. */
@Injectable()
export class EmptyProjections {
  constructor(private readonly db: DataSource) {}

  /** @throws ProjectionsInUse. */
  async execute(by: Actor): Promise<void> {
    try {
      await this.db.transaction((tx) => empty(tx, by));
    } catch (error) {
      if (isLocked(error)) throw new ProjectionsInUse();
      throw error;
    }
  }
}

async function empty(tx: EntityManager, by: Actor): Promise<void> {
  // Consumers wait behind us: not for long.
  await tx.query(`SET LOCAL lock_timeout = '2s'`);
  await forgetProjections(tx);
  // Looked at last, as an order does: copies first, then reports. Until this is committed nobody begins one.
  await tx.query('LOCK TABLE report IN SHARE ROW EXCLUSIVE MODE');
  const busy: unknown[] = await tx.query(`SELECT FROM report WHERE state IN ('queued', 'running') LIMIT 1`);
  if (busy.length > 0) throw new ProjectionsInUse();
  await recordStaffAction(tx, by, { action: 'projections.empty' });
}
