import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A mail is claimed as it begins, in one step; an operator’s decision stands on its row. Only requests to confirm are counted by their recipient: the many others need no index for it. */
export class DecideDispatches1767312000300 implements MigrationInterface {
  readonly name = 'DecideDispatches1767312000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE dispatch SET state = 'pending', claimed_at = NULL, queued_at = NULL WHERE state = 'claimed';
      ALTER TABLE dispatch
        ADD COLUMN decision text CONSTRAINT dispatch_decision_check CHECK (decision IN ('resend', 'leave')),
        ADD COLUMN decided_by text,
        ADD COLUMN decided_at timestamptz,
        -- contract: the claim of an older replica is refused and its job fails; a newer one sends the row
        DROP CONSTRAINT dispatch_state_check,
        ADD CONSTRAINT dispatch_state_check CHECK (state IN ('pending', 'sending', 'sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed'));
      -- contract: there again in the next line, of what may still be
      DROP INDEX dispatch_claimed_at_idx;
      CREATE INDEX dispatch_claimed_at_idx ON dispatch (claimed_at) WHERE state = 'sending';
      -- contract: there again in the next line, of the rows that are looked for
      DROP INDEX dispatch_recipient_idx;
      CREATE INDEX dispatch_recipient_idx ON dispatch (recipient) WHERE kind = 'confirmation';
      CREATE INDEX dispatch_state_position_idx ON dispatch (state, position) WHERE state IN ('indeterminate', 'failed', 'expired', 'bounced');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX dispatch_state_position_idx;
      DROP INDEX dispatch_recipient_idx;
      CREATE INDEX dispatch_recipient_idx ON dispatch (recipient);
      DROP INDEX dispatch_claimed_at_idx;
      CREATE INDEX dispatch_claimed_at_idx ON dispatch (claimed_at) WHERE state IN ('claimed', 'sending');
      ALTER TABLE dispatch
        DROP COLUMN decision, DROP COLUMN decided_by, DROP COLUMN decided_at,
        DROP CONSTRAINT dispatch_state_check,
        ADD CONSTRAINT dispatch_state_check CHECK (state IN ('pending', 'claimed', 'sending', 'sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed'));
    `);
  }
}
