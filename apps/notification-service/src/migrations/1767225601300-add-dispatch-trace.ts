import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A mail goes on in the trace of what caused it. */
export class AddDispatchTrace1767225601300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispatch ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispatch DROP COLUMN traceparent');
  }
}
