import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Copies of other services' facts, and the reports made of them. */
export class CreateReporting1767225600100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A projection holds nothing but what events say: rebuilt from them, it is the same byte for byte. So no time of arrival.
    await runner.query(`
      CREATE TABLE campaign (
        campaign_id uuid CONSTRAINT campaign_pkey PRIMARY KEY,
        version     integer NOT NULL,
        state       text NOT NULL,
        zone        text,
        opens_at    timestamptz,
        closes_at   timestamptz,
        body_codes  text[] NOT NULL,
        member_ids  uuid[] NOT NULL,
        facts       jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE document (
        campaign_id uuid CONSTRAINT document_pkey PRIMARY KEY,
        version     integer NOT NULL,
        title       jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE document_node (
        campaign_id uuid NOT NULL,
        node_id     uuid NOT NULL,
        position    integer NOT NULL,
        kind        text NOT NULL,
        parent_id   uuid,
        section_id  uuid NOT NULL,
        number      text NOT NULL,
        heading     text,
        excerpt     text,
        hash        text NOT NULL,
        CONSTRAINT document_node_pkey PRIMARY KEY (campaign_id, node_id)
      )`);
    await runner.query(`
      CREATE TABLE contribution (
        contribution_id uuid CONSTRAINT contribution_pkey PRIMARY KEY,
        campaign_id     uuid NOT NULL,
        version         integer NOT NULL,
        filing_number   text NOT NULL,
        received_at     timestamptz NOT NULL,
        body_sha256     text NOT NULL,
        status          text NOT NULL,
        participant_ref text,
        kind            text NOT NULL,
        stance          text,
        audience        text,
        language        text NOT NULL,
        publication     text NOT NULL,
        targets         jsonb NOT NULL,
        anchor_node_id  uuid,
        parent_id       uuid,
        title           text,
        body            text,
        proposed_wording text,
        quotes          jsonb,
        source_url      text,
        source_category text,
        organisation    text,
        author_name     text,
        CONSTRAINT contribution_text_check CHECK (body IS NOT NULL OR (title IS NULL AND proposed_wording IS NULL AND quotes IS NULL AND source_url IS NULL
          AND source_category IS NULL AND organisation IS NULL AND author_name IS NULL))
      )`);
    await runner.query('CREATE INDEX contribution_campaign_id_received_at_contribution_id_idx ON contribution (campaign_id, received_at, contribution_id)');
    // What the seal counts and digests, in the digest's order, without touching the texts.
    await runner.query('CREATE INDEX contribution_campaign_id_contribution_id_idx ON contribution (campaign_id, contribution_id) INCLUDE (body_sha256, status)');
    await runner.query('CREATE INDEX contribution_parent_id_idx ON contribution (parent_id) WHERE parent_id IS NOT NULL');
    await runner.query(`
      CREATE TABLE intake_seal (
        campaign_id uuid CONSTRAINT intake_seal_pkey PRIMARY KEY,
        version     integer NOT NULL,
        closes_at   timestamptz NOT NULL,
        accepted    integer NOT NULL,
        withdrawn   integer NOT NULL,
        digest      text NOT NULL
      )`);

    // Not a projection: a report that was handed out stays, whatever is rebuilt.
    await runner.query(`
      CREATE TABLE report (
        report_id       uuid CONSTRAINT report_pkey PRIMARY KEY,
        campaign_id     uuid NOT NULL,
        kind            text NOT NULL CONSTRAINT report_kind_check CHECK (kind IN ('closing', 'interim')),
        number          text NOT NULL,
        version         integer NOT NULL,
        cutoff          timestamptz NOT NULL,
        parameters      jsonb NOT NULL,
        state           text NOT NULL CONSTRAINT report_state_check CHECK (state IN ('awaiting', 'queued', 'running', 'published', 'failed', 'mismatch')),
        missing         integer NOT NULL DEFAULT 0,
        cause           text,
        requested_at    timestamptz NOT NULL,
        requested_by    text,
        awaiting_told_at timestamptz,
        look_at         timestamptz,
        attempt         integer NOT NULL DEFAULT 0,
        interruptions   integer NOT NULL DEFAULT 0,
        leased_until    timestamptz,
        published_at    timestamptz,
        files           jsonb,
        headline        jsonb,
        event_version   integer NOT NULL DEFAULT 0,
        CONSTRAINT report_campaign_id_kind_version_key UNIQUE (campaign_id, kind, version),
        CONSTRAINT report_number_version_key UNIQUE (number, version),
        CONSTRAINT report_leased_check CHECK ((state = 'running') = (leased_until IS NOT NULL)),
        CONSTRAINT report_published_check CHECK ((state = 'published') = (published_at IS NOT NULL AND files IS NOT NULL AND headline IS NOT NULL)),
        CONSTRAINT report_cause_check CHECK ((state IN ('failed', 'mismatch')) = (cause IS NOT NULL))
      )`);
    await runner.query(`CREATE INDEX report_state_idx ON report (state) WHERE state IN ('awaiting', 'queued', 'running', 'mismatch')`);
    await runner.query('CREATE INDEX report_requested_at_report_id_idx ON report (requested_at, report_id)');
    await runner.query('CREATE TABLE report_number (year integer CONSTRAINT report_number_pkey PRIMARY KEY, last integer NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['report_number', 'report', 'intake_seal', 'contribution', 'document_node', 'document', 'campaign']) await runner.query(`DROP TABLE ${table}`);
  }
}
