import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EditionView, ProgrammeView } from './programme.dto.js';

@Injectable()
export class ProgrammeQueries {
  constructor(private readonly db: DataSource) {}

  programmes(): Promise<ProgrammeView[]> {
    return this.db.query<ProgrammeView[]>(`SELECT programme_id AS "programmeId", title FROM programme ORDER BY title ->> 'fr', programme_id`);
  }

  /** Newest first. */
  editions(programmeId: string): Promise<EditionView[]> {
    return this.db.query<EditionView[]>(
      'SELECT edition_id AS "editionId", programme_id AS "programmeId", year, label, predecessor_edition_id AS "predecessorEditionId" FROM edition WHERE programme_id = $1 ORDER BY year DESC',
      [programmeId],
    );
  }
}
