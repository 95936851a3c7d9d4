import type { MigrationInterface, QueryRunner } from 'typeorm';

/** After a restore, contributions are read back from Kafka, which never had the bodies as received. */
export class AddRestoredContributions1767225600101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Not validated: every row that is there has its body, and a large table need not be read to know.
    await runner.query(`
      ALTER TABLE contribution
        ALTER COLUMN body_sealed DROP NOT NULL,
        ADD COLUMN restored_at timestamptz,
        ADD CONSTRAINT contribution_body_sealed_check CHECK (body_sealed IS NOT NULL OR restored_at IS NOT NULL) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE contribution DROP COLUMN restored_at, ALTER COLUMN body_sealed SET NOT NULL');
  }
}
