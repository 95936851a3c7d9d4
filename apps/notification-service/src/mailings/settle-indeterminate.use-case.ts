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

export class DispatchUnknown extends DomainError {
  readonly code = 'dispatch.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Message inconnu', en: 'Unknown dispatch' };

  constructor() {
    super({ fr: 'Aucun message ne porte cet identifiant.', en: 'No dispatch has this id.' });
  }
}

type Decision = 'resend' | 'leave';

/** What an operator decides about a mail that may have been sent. The row says what was decided last, by whom and when; said again it changes nothing. */
@Injectable()
export class SettleIndeterminate {
  constructor(private readonly db: DataSource) {}

  /** Sends it again under the same Message-ID; the mailing is complete once more when it is done. @throws DispatchUnknown, NotIndeterminate. */
  async resend(dispatchId: string, by: StaffMember): Promise<void> {
    await this.decide(dispatchId, 'resend', by, async (tx, mailingId) => {
      await tx.query(`UPDATE dispatch SET state = 'pending', settled_at = NULL, cause = NULL, queued_at = NULL, next_attempt_at = NULL WHERE dispatch_id = $1`, [dispatchId]);
      await tx.query('UPDATE mailing SET completed_at = NULL WHERE mailing_id = $1', [mailingId]);
    });
  }

  /** Takes it as sent. @throws DispatchUnknown, NotIndeterminate. */
  async leave(dispatchId: string, by: StaffMember): Promise<void> {
    await this.decide(dispatchId, 'leave', by, async (tx) => {
      await tx.query('UPDATE dispatch SET cause = $2 WHERE dispatch_id = $1', [dispatchId, `Left as it is by ${by.name}`]);
    });
  }

  private async decide(dispatchId: string, decision: Decision, by: StaffMember, act: (tx: EntityManager, mailingId: string) => Promise<void>): Promise<void> {
    await this.db.transaction(async (tx) => {
      const [row] = await tx.query<{ mailing_id: string; campaign_id: string; state: string; decision: Decision | null }[]>(
        'SELECT mailing_id, campaign_id, state, decision FROM dispatch JOIN mailing USING (mailing_id) WHERE dispatch_id = $1 FOR UPDATE OF dispatch',
        [dispatchId],
      );
      if (!row) throw new DispatchUnknown();
      if (row.state !== 'indeterminate') {
        if (row.decision === decision) return;
        throw new NotIndeterminate();
      }
      await tx.query('UPDATE dispatch SET decision = $2, decided_by = $3, decided_at = service_now() WHERE dispatch_id = $1', [dispatchId, decision, by.subject]);
      await act(tx, row.mailing_id);
      await recordStaffAction(tx, by, { action: `dispatch.${decision}`, targetId: dispatchId, campaignId: row.campaign_id });
    });
  }
}
