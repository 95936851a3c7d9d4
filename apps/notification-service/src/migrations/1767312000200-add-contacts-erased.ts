import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the addresses of a mailing were erased: it is looked through once, not every hour for ever. */
export class AddContactsErased1767312000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE mailing ADD COLUMN contacts_erased_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE mailing DROP COLUMN contacts_erased_at');
  }
}
