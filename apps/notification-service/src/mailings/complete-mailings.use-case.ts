import { type DataOf, type DispatchState, mailingCompleted, type MailingKind } from '@cahier/contracts';
import { appendToOutbox } from '@cahier/messaging';
import { serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { OPEN } from '../dispatch/lanes.js';

interface Finished {
  readonly mailing_id: string;
  readonly campaign_id: string;
  readonly kind: MailingKind;
  readonly completions: number;
}

/** Says of each mailing that everybody in it is in a terminal state, once that is so. */
@Injectable()
export class CompleteMailings {
  constructor(private readonly db: DataSource) {}

  /** @returns how many were completed now. */
  async execute(): Promise<number> {
    return this.db.transaction(async (tx) => {
      const finished = await tx.query<Finished[]>(
        `SELECT mailing_id, campaign_id, kind, completions FROM mailing AS m
         WHERE completed_at IS NULL AND NOT standing AND audience_frozen_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM dispatch AS d WHERE d.mailing_id = m.mailing_id AND d.state = ANY ($1::text[]))
         ORDER BY mailing_id LIMIT 20 FOR UPDATE SKIP LOCKED`,
        [OPEN],
      );
      for (const mailing of finished) await complete(tx, mailing);
      return finished.length;
    });
  }
}

async function complete(tx: EntityManager, { mailing_id: mailingId, campaign_id: campaignId, kind, completions }: Finished): Promise<void> {
  const at = await serviceNow(tx);
  const counted = await tx.query<{ state: DispatchState; n: number }[]>('SELECT state, count(*)::integer AS n FROM dispatch WHERE mailing_id = $1 GROUP BY state', [mailingId]);
  const counts: DataOf<typeof mailingCompleted>['counts'] = Object.fromEntries(counted.map(({ state, n }) => [state, n]));
  await tx.query('UPDATE mailing SET completed_at = $2, completions = completions + 1 WHERE mailing_id = $1', [mailingId, at]);
  await appendToOutbox(tx, mailingCompleted, { mailingId, campaignId, kind, counts, completedAt: at.toISOString() }, completions + 1, at);
}
