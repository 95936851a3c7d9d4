import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Report } from './report.entity.js';

/** How long a maker may be silent before another takes its report, in seconds. */
const LEASE_SECONDS = 15;

/** Takes the oldest report that nobody makes: queued, or left by a maker that died. */
@Injectable()
export class ClaimReport {
  constructor(private readonly db: DataSource) {}

  /** @returns the report, now `running` under a new attempt; undefined when there is none. */
  async execute(): Promise<Report | undefined> {
    return this.db.transaction(async (tx) => {
      const [claimed] = await tx.query<[{ report_id: string }[], number]>(
        `UPDATE report SET state = 'running', attempt = attempt + 1, interruptions = interruptions + (state = 'running')::integer, look_at = NULL, leased_until = service_now() + $1 * interval '1 second'
          WHERE report_id = (SELECT report_id FROM report
                              WHERE (state = 'queued' AND coalesce(look_at, service_now()) <= service_now()) OR (state = 'running' AND leased_until < service_now())
                              ORDER BY requested_at, report_id LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING report_id`,
        [LEASE_SECONDS],
      );
      const id = claimed[0]?.report_id;
      return id === undefined ? undefined : tx.findOneByOrFail(Report, { id });
    });
  }

  /** Says that the maker lives. @returns false when another has taken the report: what is made now is of no use. */
  async renew({ id, attempt }: Pick<Report, 'id' | 'attempt'>): Promise<boolean> {
    const [, renewed] = await this.db.query<[unknown[], number]>(
      `UPDATE report SET leased_until = service_now() + $3 * interval '1 second' WHERE report_id = $1 AND attempt = $2 AND state = 'running'`,
      [id, attempt, LEASE_SECONDS],
    );
    return renewed === 1;
  }
}
