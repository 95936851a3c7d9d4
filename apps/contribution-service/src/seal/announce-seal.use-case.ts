import { intakeSealed, IntakeDigest } from '@cahier/contracts';
import { appendToOutbox, Relay } from '@cahier/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { IntakeSeal } from './intake-seal.entity.js';

/** Rows held in memory at once. */
const CHUNK_ROWS = 5_000;

export interface IntakeCount {
  readonly accepted: number;
  readonly withdrawn: number;
  readonly digest: string;
}

/** Counts what a sealed campaign has received and says so. */
@Injectable()
export class AnnounceSeal {
  constructor(private readonly db: DataSource, private readonly relay: Relay) {}

  /**
   * Publishes intake.sealed.v1 with the digest of all contributions, once; a transaction of its own, for it must see all
   * that committed before the seal. Does nothing while another replica is at it.
   */
  async execute(campaignId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const seal = await tx.findOne(IntakeSeal, { where: { campaignId }, lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' } });
      if (!seal || seal.announcedAt !== null) return;
      const count = await countIntake(tx, campaignId);
      await tx.update(IntakeSeal, { campaignId }, { ...count, announcedAt: () => 'service_now()' });
      await appendToOutbox(tx, intakeSealed, { campaignId, closesAt: seal.closesAt.toISOString(), ...count }, 1, seal.sealedAt);
    });
    this.relay.wake();
  }
}

/** What the seal of a campaign says of its contributions. */
export async function countIntake(tx: EntityManager, campaignId: string): Promise<IntakeCount> {
  const digest = new IntakeDigest();
  let accepted = 0;
  let withdrawn = 0;
  for (let last = '00000000-0000-0000-0000-000000000000', more = true; more; ) {
    const rows = await tx.query<{ id: string; sha256: string; withdrawn: boolean }[]>(
      `SELECT contribution_id AS id, body_sha256 AS sha256, status = 'withdrawn' AS withdrawn FROM contribution
       WHERE campaign_id = $1 AND contribution_id > $2 ORDER BY contribution_id LIMIT $3`,
      [campaignId, last, CHUNK_ROWS],
    );
    for (const row of rows) {
      digest.add(row.id, row.sha256, row.withdrawn);
      accepted += 1;
      if (row.withdrawn) withdrawn += 1;
    }
    last = rows.at(-1)?.id ?? last;
    more = rows.length === CHUNK_ROWS;
  }
  return { accepted, withdrawn, digest: digest.hex() };
}
