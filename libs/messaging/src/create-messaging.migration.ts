import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of `libs/messaging`, in the database of each service. */
export class CreateMessaging1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        position     bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
        id           uuid NOT NULL CONSTRAINT outbox_id_key UNIQUE,
        topic        text NOT NULL,
        key          text NOT NULL,
        envelope     text NOT NULL,
        traceparent  text,
        created_at   timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz
      )`);
    // What the relay reads: as small as the backlog, however large the table.
    await runner.query('CREATE INDEX outbox_position_unpublished_idx ON outbox (position) WHERE published_at IS NULL');
    await runner.query(`
      CREATE TABLE inbox (
        event_id    uuid CONSTRAINT inbox_pkey PRIMARY KEY,
        received_at timestamptz NOT NULL DEFAULT now()
      )`);
    // Rows arrive in order of time and are removed by it: a few pages of index serve millions of rows.
    await runner.query('CREATE INDEX inbox_received_at_idx ON inbox USING brin (received_at) WITH (autosummarize = on)');
    await runner.query(`
      CREATE TABLE dead_letter (
        id             uuid CONSTRAINT dead_letter_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
        topic          text NOT NULL,
        partition      integer NOT NULL,
        message_offset bigint NOT NULL,
        value          bytea NOT NULL,
        traceparent    text,
        event_id       uuid,
        event_type     text,
        cause          text NOT NULL,
        attempts       integer NOT NULL,
        state          text NOT NULL DEFAULT 'open' CONSTRAINT dead_letter_state_check CHECK (state IN ('open', 'replayed', 'discarded')),
        failed_at      timestamptz NOT NULL DEFAULT now(),
        settled_at     timestamptz,
        settled_by     text,
        reason         text,
        CONSTRAINT dead_letter_topic_partition_message_offset_key UNIQUE (topic, partition, message_offset),
        CONSTRAINT dead_letter_settled_check CHECK ((state = 'open') = (settled_at IS NULL)),
        CONSTRAINT dead_letter_reason_check CHECK (state <> 'discarded' OR reason IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX dead_letter_failed_at_id_idx ON dead_letter (failed_at, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letter');
    await runner.query('DROP TABLE inbox');
    await runner.query('DROP TABLE outbox');
  }
}
