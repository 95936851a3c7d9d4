import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `service_now()`: the one clock of a service's database, to the millisecond. Tests replace it to shift time. */
export class CreateServiceNow1767225600000 implements MigrationInterface {
  readonly name = 'CreateServiceNow1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION service_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT date_trunc('milliseconds', statement_timestamp()) $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION service_now()');
  }
}
