import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ListStaffActions, StaffActionPage, StaffActionView } from './staff-action.dto.js';

interface Row extends Omit<StaffActionView, 'at'> {
  readonly at: Date;
  readonly position: string;
}

@Injectable()
export class StaffActionQueries {
  constructor(private readonly db: DataSource) {}

  /** The latest first. */
  async list({ campaignId, subject, since, limit, cursor }: ListStaffActions): Promise<StaffActionPage> {
    const rows = await this.db.query<Row[]>(
      `SELECT position, at, subject, action, target_id AS "targetId", campaign_id AS "campaignId", trace_id AS "traceId" FROM staff_action
        WHERE ($1::uuid IS NULL OR campaign_id = $1) AND ($2::text IS NULL OR subject = $2) AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::bigint IS NULL OR position < $4)
        ORDER BY position DESC LIMIT $5`,
      [campaignId ?? null, subject ?? null, since ?? null, cursor ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    return { items: page.map(({ position: _, at, ...row }) => ({ at: at.toISOString(), ...row })), next: rows.length > limit ? page.at(-1)!.position : null };
  }
}
