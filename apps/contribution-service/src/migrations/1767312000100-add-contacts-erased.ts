import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a campaign's contacts were erased: it is looked through once, not every hour for ever. */
export class AddContactsErased1767312000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE campaign_window ADD COLUMN contacts_erased_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE campaign_window DROP COLUMN contacts_erased_at');
  }
}
