import type { Bilingual } from '@cahier/contracts';
import { type Actor, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Programme } from './programme.entity.js';

@Injectable()
export class CreateProgramme {
  constructor(private readonly db: DataSource) {}

  /** @returns the new programme's id. */
  async execute(title: Bilingual, by: Actor): Promise<string> {
    const programmeId = randomUUID();
    await this.db.transaction(async (tx) => {
      await tx.insert(Programme, { programmeId, title });
      await recordStaffAction(tx, by, { action: 'programme.create', targetId: programmeId });
    });
    return programmeId;
  }
}
