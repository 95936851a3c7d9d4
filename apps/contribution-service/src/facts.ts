import { contributionHidden, contributionShown, contributionSubmitted, contributionWithdrawn, intakeSealed } from '@cahier/contracts';
import type { Fact } from '@cahier/messaging';
import { IsNull, MoreThan, Not, type DataSource } from 'typeorm';
import { Contribution } from './contributions/contribution.entity.js';
import { Moderation } from './contributions/moderation.entity.js';
import { IntakeSeal } from './seal/intake-seal.entity.js';

const CHUNK_ROWS = 500;

/** Everything this service's tables say now, as events: each contribution as of its last version, and the seals. */
export async function* facts(db: DataSource): AsyncIterable<Fact> {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const contributions = await db.manager.find(Contribution, { where: { contributionId: MoreThan(last) }, order: { contributionId: 'ASC' }, take: CHUNK_ROWS });
    for (const contribution of contributions) yield await factOf(db, contribution);
    if (contributions.length < CHUNK_ROWS) break;
    last = contributions.at(-1)!.contributionId;
  }
  for (const { campaignId, closesAt, sealedAt, accepted, withdrawn, digest } of await db.manager.findBy(IntakeSeal, { announcedAt: Not(IsNull()) })) {
    yield { contract: intakeSealed, data: { campaignId, closesAt: closesAt.toISOString(), accepted, withdrawn, digest }, version: 1, at: sealedAt };
  }
}

async function factOf(db: DataSource, contribution: Contribution): Promise<Fact> {
  const { contributionId, status, text, version, changedAt: at } = contribution;
  const data = contribution.facts();
  if (status === 'withdrawn') return { contract: contributionWithdrawn, data, version, at };
  if (version === 1) return { contract: contributionSubmitted, data: { ...data, text }, version, at };
  const { reason } = await db.manager.findOneByOrFail(Moderation, { contributionId, version });
  return status === 'hidden' ? { contract: contributionHidden, data: { ...data, reason }, version, at } : { contract: contributionShown, data: { ...data, text, reason }, version, at };
}
