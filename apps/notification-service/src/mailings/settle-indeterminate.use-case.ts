import { DomainError, recordStaffAction, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export class NotIndeterminate extends DomainError {
  readonly code = 'dispatch.not-indeterminate';
  readonly kind = 'conflict';
  readonly title = { fr: 'Cet envoi n’attend pas de décision', en: 'This dispatch awaits no decision' };

  constructor() {
    super({ fr: 'Seul un envoi au sort inconnu se décide à la main.', en: 'Only a dispatch whose fate is unknown is decided by hand.' });
  }
}

/** What an operator decides about a mail that may have been sent. */
@Injectable()
export class SettleIndeterminate {
  constructor(private readonly db: DataSource) {}

  /** Sends it again under the same Message-ID; the mailing is complete once more when it is done. @throws NotIndeterminate. */
  async resend(dispatchId: string, by: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const [rows] = await tx.query<[{ mailing_id: string }[], number]>(
        `UPDATE dispatch SET state = 'pending', settled_at = NULL, cause = NULL, queued_at = NULL, next_attempt_at = NULL WHERE dispatch_id = $1 AND state = 'indeterminate' RETURNING mailing_id`,
        [dispatchId],
      );
      if (!rows[0]) throw new NotIndeterminate();
      await tx.query('UPDATE mailing SET completed_at = NULL WHERE mailing_id = $1', [rows[0].mailing_id]);
      await record(tx, by, 'dispatch.resend', dispatchId);
    });
  }

  /** Takes it as sent: the row says by whom it was decided. @throws NotIndeterminate. */
  async leave(dispatchId: string, by: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const [, changed] = await tx.query<[unknown, number]>(`UPDATE dispatch SET cause = $2 WHERE dispatch_id = $1 AND state = 'indeterminate'`, [dispatchId, `Left as it is by ${by.name}`]);
      if (changed === 0) throw new NotIndeterminate();
      await record(tx, by, 'dispatch.leave', dispatchId);
    });
  }
}

async function record(tx: EntityManager, by: StaffMember, action: 'dispatch.resend' | 'dispatch.leave', dispatchId: string): Promise<void> {
  const [{ campaign_id: campaignId }] = await tx.query<[{ campaign_id: string }]>('SELECT campaign_id FROM dispatch JOIN mailing USING (mailing_id) WHERE dispatch_id = $1', [dispatchId]);
  await recordStaffAction(tx, by, { action, targetId: dispatchId, campaignId });
}
