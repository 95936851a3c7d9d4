import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The staff audit trail, in the database of each service. Rows are only added: the database itself refuses anything else. */
export class CreateStaffAction1767312000000 implements MigrationInterface {
  readonly name = 'CreateStaffAction1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE staff_action (
        position    bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT staff_action_pkey PRIMARY KEY,
        at          timestamptz NOT NULL DEFAULT service_now(),
        subject     text NOT NULL,
        action      text NOT NULL,
        target_id   uuid,
        campaign_id uuid,
        trace_id    text
      )`);
    await runner.query('CREATE INDEX staff_action_campaign_id_position_idx ON staff_action (campaign_id, position)');
    await runner.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION '% on %: rows are only added', TG_OP, TG_TABLE_NAME; END $$`);
    await runner.query('CREATE TRIGGER staff_action_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_action FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE staff_action');
    await runner.query('DROP FUNCTION refuse_change()');
  }
}
