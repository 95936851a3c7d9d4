import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCampaign1767225600200 implements MigrationInterface {
  readonly name = 'CreateCampaign1767225600200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE steering_body (
        steering_body_id uuid PRIMARY KEY,
        code text NOT NULL CONSTRAINT steering_body_code_key UNIQUE,
        name jsonb NOT NULL
      );
      CREATE TABLE member (
        member_id uuid PRIMARY KEY,
        steering_body_id uuid NOT NULL CONSTRAINT member_steering_body_id_fkey REFERENCES steering_body,
        name text NOT NULL,
        email text NOT NULL,
        language text NOT NULL CONSTRAINT member_language_check CHECK (language IN ('fr', 'en'))
      );
      CREATE UNIQUE INDEX member_steering_body_id_email_idx ON member (steering_body_id, lower(email));
      CREATE TABLE programme (programme_id uuid PRIMARY KEY, title jsonb NOT NULL);
      CREATE TABLE edition (
        edition_id uuid PRIMARY KEY,
        programme_id uuid NOT NULL CONSTRAINT edition_programme_id_fkey REFERENCES programme,
        year integer NOT NULL,
        label jsonb NOT NULL,
        predecessor_edition_id uuid CONSTRAINT edition_predecessor_edition_id_fkey REFERENCES edition,
        CONSTRAINT edition_programme_id_year_key UNIQUE (programme_id, year)
      );
      CREATE TABLE campaign (
        campaign_id uuid PRIMARY KEY,
        edition_id uuid NOT NULL CONSTRAINT campaign_edition_id_fkey REFERENCES edition,
        state text NOT NULL CONSTRAINT campaign_state_check CHECK (state IN ('draft', 'scheduled', 'open', 'suspended', 'closed', 'published', 'archived', 'cancelled')),
        kind text NOT NULL,
        title jsonb NOT NULL,
        presentation jsonb,
        rules jsonb,
        audiences jsonb NOT NULL,
        reminder_hours jsonb NOT NULL,
        zone text,
        opens_at_local text,
        closes_at_local text,
        opens_at timestamptz,
        closes_at timestamptz,
        version integer NOT NULL,
        event_version integer NOT NULL,
        CONSTRAINT campaign_window_check CHECK (state IN ('draft', 'cancelled') OR (opens_at IS NOT NULL AND closes_at > opens_at))
      );
      CREATE INDEX campaign_opens_at_campaign_id_idx ON campaign (opens_at, campaign_id);
      CREATE TABLE campaign_steering_body (
        campaign_id uuid NOT NULL CONSTRAINT campaign_steering_body_campaign_id_fkey REFERENCES campaign,
        steering_body_id uuid NOT NULL CONSTRAINT campaign_steering_body_steering_body_id_fkey REFERENCES steering_body,
        PRIMARY KEY (campaign_id, steering_body_id)
      );
      CREATE INDEX campaign_steering_body_steering_body_id_idx ON campaign_steering_body (steering_body_id);
      CREATE TABLE transition (
        transition_id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL CONSTRAINT transition_campaign_id_fkey REFERENCES campaign,
        action text NOT NULL,
        from_state text NOT NULL,
        to_state text NOT NULL,
        at timestamptz NOT NULL,
        by_subject text NOT NULL,
        by_name text NOT NULL,
        reason text,
        position bigint GENERATED ALWAYS AS IDENTITY
      );
      CREATE INDEX transition_campaign_id_position_idx ON transition (campaign_id, position);
      CREATE TABLE document (
        campaign_id uuid PRIMARY KEY CONSTRAINT document_campaign_id_fkey REFERENCES campaign,
        title jsonb NOT NULL
      );
      CREATE TABLE document_node (
        node_id uuid NOT NULL,
        campaign_id uuid NOT NULL CONSTRAINT document_node_campaign_id_fkey REFERENCES campaign,
        position integer NOT NULL,
        kind text NOT NULL CONSTRAINT document_node_kind_check CHECK (kind IN ('chapter', 'section', 'paragraph')),
        parent_id uuid,
        number text NOT NULL,
        heading text,
        text text,
        hash text NOT NULL,
        PRIMARY KEY (campaign_id, node_id),
        CONSTRAINT document_node_campaign_id_position_key UNIQUE (campaign_id, position)
      );
      CREATE TABLE schedule (
        schedule_id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL CONSTRAINT schedule_campaign_id_fkey REFERENCES campaign,
        action text NOT NULL CONSTRAINT schedule_action_check CHECK (action IN ('open', 'remind', 'close')),
        due_at timestamptz NOT NULL,
        hours_before_closing integer,
        state text NOT NULL CONSTRAINT schedule_state_check CHECK (state IN ('pending', 'fired', 'missed', 'cancelled')),
        settled_at timestamptz
      );
      CREATE UNIQUE INDEX schedule_campaign_id_action_due_at_idx ON schedule (campaign_id, action, due_at) WHERE state <> 'cancelled';
      CREATE INDEX schedule_due_at_idx ON schedule (due_at) WHERE state = 'pending';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE schedule, document_node, document, transition, campaign_steering_body, campaign, edition, programme, member, steering_body');
  }
}
