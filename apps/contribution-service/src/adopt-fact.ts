import { intakeSealed } from '@cahier/contracts';
import { isFact, type SaidFact } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';
import { adoptContribution } from './contributions/adopt-contribution.js';
import { adoptSeal } from './seal/adopt-seal.js';

/** The way back of `facts.ts`: what this service has said becomes rows again. @returns what an operator must know of it, if anything. */
export async function adoptFact(tx: EntityManager, fact: SaidFact): Promise<string | undefined> {
  if (!isFact(fact, intakeSealed)) return adoptContribution(tx, fact);
  await adoptSeal(tx, fact);
  return undefined;
}
