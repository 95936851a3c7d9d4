import type { Bilingual } from '@cahier/contracts';
import { type Actor, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { isUniqueViolation } from '../unique-violation.js';
import { Edition, Programme } from './programme.entity.js';
import { PredecessorUnknown, ProgrammeUnknown, YearTaken } from './programme.errors.js';

@Injectable()
export class CreateEdition {
  constructor(private readonly db: DataSource) {}

  /** @returns the new edition's id. @throws ProgrammeUnknown, YearTaken, PredecessorUnknown unless it is an earlier edition of the same programme. */
  async execute(programmeId: string, input: { year: number; label: Bilingual; predecessorEditionId?: string | undefined }, by: Actor): Promise<string> {
    const editionId = randomUUID();
    const { predecessorEditionId = null, ...rest } = input;
    try {
      await this.db.transaction(async (tx) => {
        if (!(await tx.existsBy(Programme, { programmeId }))) throw new ProgrammeUnknown();
        const predecessor = predecessorEditionId === null ? null : await tx.findOneBy(Edition, { editionId: predecessorEditionId, programmeId });
        if (predecessorEditionId !== null && !(predecessor && predecessor.year < input.year)) {
          throw new PredecessorUnknown({ fr: 'L’édition précédente doit être une édition antérieure du même programme.', en: 'The preceding edition must be an earlier one of the same programme.' });
        }
        await tx.insert(Edition, { editionId, programmeId, ...rest, predecessorEditionId });
        await recordStaffAction(tx, by, { action: 'edition.create', targetId: editionId });
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new YearTaken({ fr: 'Choisissez une autre année.', en: 'Choose another year.' });
      throw error;
    }
    return editionId;
  }
}
