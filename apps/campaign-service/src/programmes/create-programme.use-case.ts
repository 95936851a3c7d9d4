import type { Bilingual } from '@cahier/contracts';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Programme } from './programme.entity.js';

@Injectable()
export class CreateProgramme {
  constructor(private readonly db: DataSource) {}

  /** @returns the new programme's id. */
  async execute(title: Bilingual): Promise<string> {
    const programmeId = randomUUID();
    await this.db.manager.insert(Programme, { programmeId, title });
    return programmeId;
  }
}
