import type { Bilingual } from '@cahier/contracts';
import { type Actor, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { isUniqueViolation } from '../unique-violation.js';
import { CodeTaken } from './steering.errors.js';
import { SteeringBody } from './steering-body.entity.js';

@Injectable()
export class CreateSteeringBody {
  constructor(private readonly db: DataSource) {}

  /** @returns the new body's id. @throws CodeTaken. */
  async execute(input: { code: string; name: Bilingual }, by: Actor): Promise<string> {
    const steeringBodyId = randomUUID();
    try {
      await this.db.transaction(async (tx) => {
        await tx.insert(SteeringBody, { steeringBodyId, ...input });
        await recordStaffAction(tx, by, { action: 'steering-body.create', targetId: steeringBodyId });
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new CodeTaken({ fr: 'Une autre instance porte ce code.', en: 'Another body has this code.' });
      throw error;
    }
    return steeringBodyId;
  }
}
