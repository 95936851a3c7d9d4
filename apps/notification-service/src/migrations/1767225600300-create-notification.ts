import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNotification1767225600300 implements MigrationInterface {
  readonly name = 'CreateNotification1767225600300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE campaign_copy (
        campaign_id uuid PRIMARY KEY,
        version integer NOT NULL,
        facts jsonb NOT NULL
      );
      CREATE TABLE suppression (
        recipient text PRIMARY KEY,
        reason text NOT NULL,
        at timestamptz NOT NULL
      );
      CREATE TABLE subscription (
        subscription_id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL,
        recipient text NOT NULL,
        address text NOT NULL,
        language text NOT NULL CONSTRAINT subscription_language_check CHECK (language IN ('fr', 'en')),
        state text NOT NULL CONSTRAINT subscription_state_check CHECK (state IN ('pending', 'confirmed', 'unsubscribed')),
        kinds jsonb NOT NULL,
        consent_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        unsubscribed_at timestamptz,
        CONSTRAINT subscription_campaign_id_recipient_key UNIQUE (campaign_id, recipient)
      );
      CREATE INDEX subscription_recipient_idx ON subscription (recipient);
      CREATE TABLE mailing (
        mailing_id uuid PRIMARY KEY,
        kind text NOT NULL,
        campaign_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        content jsonb NOT NULL,
        launched_at timestamptz NOT NULL,
        audience_frozen_at timestamptz,
        standing boolean NOT NULL,
        completed_at timestamptz,
        completions integer NOT NULL,
        CONSTRAINT mailing_kind_subject_id_key UNIQUE (kind, subject_id)
      );
      CREATE INDEX mailing_campaign_id_idx ON mailing (campaign_id);
      CREATE INDEX mailing_open_idx ON mailing (mailing_id) WHERE completed_at IS NULL AND NOT standing;
      CREATE TABLE dispatch (
        dispatch_id uuid PRIMARY KEY,
        mailing_id uuid NOT NULL CONSTRAINT dispatch_mailing_id_fkey REFERENCES mailing,
        kind text NOT NULL,
        subject_id uuid NOT NULL,
        recipient text NOT NULL,
        address text NOT NULL,
        language text NOT NULL,
        content jsonb NOT NULL,
        subscription_id uuid,
        lane text NOT NULL CONSTRAINT dispatch_lane_check CHECK (lane IN ('receipts', 'transactional', 'bulk')),
        state text NOT NULL CONSTRAINT dispatch_state_check CHECK (state IN ('pending', 'claimed', 'sending', 'sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed')),
        attempts integer NOT NULL,
        next_attempt_at timestamptz,
        queued_at timestamptz,
        claimed_at timestamptz,
        settled_at timestamptz,
        cause text,
        created_at timestamptz NOT NULL DEFAULT service_now(),
        position bigint GENERATED ALWAYS AS IDENTITY,
        CONSTRAINT dispatch_kind_subject_id_recipient_key UNIQUE (kind, subject_id, recipient)
      );
      CREATE INDEX dispatch_recipient_idx ON dispatch (recipient);
      CREATE INDEX dispatch_lane_position_idx ON dispatch (lane, position) WHERE state = 'pending';
      CREATE INDEX dispatch_claimed_at_idx ON dispatch (claimed_at) WHERE state IN ('claimed', 'sending');
      CREATE INDEX dispatch_mailing_id_state_idx ON dispatch (mailing_id, state);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dispatch, mailing, subscription, suppression, campaign_copy');
  }
}
