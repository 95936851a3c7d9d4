import { contributionWithdrawn } from '@cahier/contracts';
import { appendToOutbox, Relay } from '@cahier/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { Contribution } from './contribution.entity.js';
import { ContributionUnknown, WithdrawalUndecided } from './contribution.errors.js';
import { isManagementToken } from './management-token.js';

/** Takes a contribution back in its author's name, before closing. */
@Injectable()
export class WithdrawContribution {
  constructor(private readonly db: DataSource, private readonly relay: Relay, @Inject(CONFIG) private readonly config: Config) {}

  /**
   * Erases the readable text and publishes contribution.withdrawn.v1, both or neither. Withdrawing twice is withdrawing once.
   * @throws ContributionUnknown also for the token of another contribution; WithdrawalTooLate; WithdrawalUndecided.
   */
  async execute(contributionId: string, token: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const contribution = await tx.findOne(Contribution, { where: { contributionId }, lock: { mode: 'pessimistic_write' } });
      if (!contribution || !isManagementToken(token, this.config.TOKEN_KEYS, contribution.tokenKey, contributionId)) throw new ContributionUnknown();
      if (contribution.status === 'withdrawn') return;
      const { at, closesAt, passed } = await passGate(tx, contribution.campaignId);
      contribution.withdraw(at, closesAt);
      if (!passed) throw new WithdrawalUndecided();
      await tx.update(Contribution, { contributionId }, contribution.changes());
      await appendToOutbox(tx, contributionWithdrawn, contribution.facts(), contribution.version, at);
    });
    this.relay.wake();
  }
}

/**
 * The gate that filing passes too, on the same clock: whoever passed it within a second and before closing is counted
 * by the seal, which takes the same lock alone, later.
 */
async function passGate(tx: EntityManager, campaignId: string): Promise<{ at: Date; closesAt: Date; passed: boolean }> {
  const [row] = await tx.query<[{ at: Date; closesAt: Date; passed: boolean | null }]>(
    `SELECT service_now() AS at, closes_at AS "closesAt",
            CASE WHEN pg_try_advisory_xact_lock_shared(intake_gate(campaign_id)) THEN clock_timestamp() END - statement_timestamp() < interval '1 second' AS passed
     FROM campaign_window WHERE campaign_id = $1`,
    [campaignId],
  );
  return { ...row, passed: row.passed === true };
}
