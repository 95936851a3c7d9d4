import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A report is made in the trace of what ordered it. */
export class AddReportTrace1767225601100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE report ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE report DROP COLUMN traceparent');
  }
}
