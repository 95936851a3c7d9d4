import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Windows and outlines copied from campaign-service, contributions as received, who moderated them, and the seals. */
export class CreateContribution1767225600100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...functions, ...windows, ...contributions, ...seals]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE moderation, contribution, intake_seal, outline_node, campaign_outline, campaign_window');
    await runner.query('DROP SEQUENCE filing_number_seq');
    await runner.query('DROP FUNCTION intake_gate(uuid), filing_number(integer, bigint), instant(timestamptz), window_state(text, boolean, timestamptz, timestamptz, timestamptz)');
  }
}

const functions = [
  // The advisory lock of a campaign's intake: shared by what files or withdraws, exclusive for the seal.
  `CREATE FUNCTION intake_gate(campaign uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN hashtextextended('intake:' || campaign::text, 0)`,
  // Year, number, and a check letter: the digits modulo 23, without I, O and Z. 23 is a prime above 10 that does not
  // divide 9 times a power of ten, so one wrong digit or two neighbours exchanged never keep the letter.
  `CREATE FUNCTION filing_number(year integer, number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN year || '-' || lpad(number::text, greatest(6, length(number::text)), '0') || '-'
       || substr('ABCDEFGHJKLMNPQRSTUVWXY', 1 + ((year || lpad(number::text, greatest(6, length(number::text)), '0'))::bigint % 23)::integer, 1)`,
  // As the contracts write an instant.
  `CREATE FUNCTION instant(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
     RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  // A campaign's state at an instant. Instants decide, not the word that somebody else has closed; an interruption holds until closing.
  `CREATE FUNCTION window_state(state text, accepting boolean, opens_at timestamptz, closes_at timestamptz, at timestamptz) RETURNS text
     LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN CASE WHEN state IN ('cancelled', 'published', 'archived') THEN state
                 WHEN at >= closes_at THEN 'closed'
                 WHEN NOT accepting THEN 'suspended'
                 WHEN at < opens_at THEN 'scheduled'
                 ELSE 'open' END`,
  'CREATE SEQUENCE filing_number_seq AS bigint',
];

const windows = [
  `CREATE TABLE campaign_window (
     campaign_id         uuid CONSTRAINT campaign_window_pkey PRIMARY KEY,
     version             integer NOT NULL,
     state               text NOT NULL,
     accepting           boolean NOT NULL,
     opens_at            timestamptz,
     closes_at           timestamptz,
     title               jsonb NOT NULL,
     responsible_service jsonb NOT NULL,
     participant_key     smallint NOT NULL,
     CONSTRAINT campaign_window_instants_check CHECK ((opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at)
   )`,
  `CREATE TABLE campaign_outline (
     campaign_id uuid CONSTRAINT campaign_outline_pkey PRIMARY KEY,
     version     integer NOT NULL
   )`,
  `CREATE TABLE outline_node (
     campaign_id uuid NOT NULL,
     node_id     uuid NOT NULL,
     target_type text NOT NULL,
     CONSTRAINT outline_node_pkey PRIMARY KEY (campaign_id, node_id),
     CONSTRAINT outline_node_target_type_check CHECK (target_type IN ('section', 'paragraph'))
   )`,
];

const contributions = [
  // Rows of the usual size stay whole in their page; only long texts are compressed and moved out of line.
  `CREATE TABLE contribution (
     contribution_id uuid CONSTRAINT contribution_pkey PRIMARY KEY,
     campaign_id     uuid NOT NULL,
     key_hash        bytea NOT NULL CONSTRAINT contribution_key_hash_key UNIQUE,
     filing_number   text NOT NULL CONSTRAINT contribution_filing_number_key UNIQUE,
     received_at     timestamptz NOT NULL,
     body_sealed     bytea NOT NULL,
     body_sha256     text NOT NULL,
     token_key       smallint NOT NULL,
     participant_ref text,
     sealed_contact  text,
     classification  jsonb NOT NULL,
     text            jsonb,
     status          text NOT NULL DEFAULT 'filed',
     version         integer NOT NULL DEFAULT 1,
     changed_at      timestamptz NOT NULL,
     CONSTRAINT contribution_status_check CHECK (status IN ('filed', 'hidden', 'withdrawn')),
     CONSTRAINT contribution_text_check CHECK ((text IS NULL) = (status = 'withdrawn'))
   ) WITH (toast_tuple_target = 8160)`,
  // Encrypted bytes do not get smaller: trying costs time.
  'ALTER TABLE contribution ALTER COLUMN body_sealed SET STORAGE EXTERNAL',
  // The seal's digest and the stream of ids read a campaign in order of id.
  'CREATE INDEX contribution_campaign_id_contribution_id_idx ON contribution (campaign_id, contribution_id)',
  // The public list, newest first.
  `CREATE INDEX contribution_campaign_id_received_at_listed_idx ON contribution (campaign_id, received_at DESC, contribution_id DESC)
     WHERE status = 'filed' AND classification ->> 'publication' <> 'not-published'`,
  `CREATE TABLE moderation (
     moderation_id   bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT moderation_pkey PRIMARY KEY,
     contribution_id uuid NOT NULL,
     version         integer NOT NULL,
     action          text NOT NULL,
     reason          text NOT NULL,
     actor_subject   text NOT NULL,
     actor_name      text NOT NULL,
     at              timestamptz NOT NULL,
     CONSTRAINT moderation_contribution_id_version_key UNIQUE (contribution_id, version),
     CONSTRAINT moderation_action_check CHECK (action IN ('hide', 'show'))
   )`,
];

const seals = [
  `CREATE TABLE intake_seal (
     campaign_id  uuid CONSTRAINT intake_seal_pkey PRIMARY KEY,
     closes_at    timestamptz NOT NULL,
     sealed_at    timestamptz NOT NULL,
     announced_at timestamptz,
     accepted     integer,
     withdrawn    integer,
     digest       text,
     CONSTRAINT intake_seal_announced_check CHECK (num_nulls(announced_at, accepted, withdrawn, digest) IN (0, 4))
   )`,
];
