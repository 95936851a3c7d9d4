import { contributionSubmitted } from '@cahier/contracts';
import type { Bilingual, CampaignState } from '@cahier/contracts';

/** One request as the statement takes it; the names are those of the columns in `json_to_recordset`. */
export interface IntakeRow {
  readonly contribution_id: string;
  readonly campaign_id: string;
  /** Of `contribution.submitted` version 1 of this contribution. */
  readonly event_id: string;
  /** SHA-256 of the idempotency key, hexadecimal. */
  readonly key_hash: string;
  /** SHA-256 of the request body as received, hexadecimal. */
  readonly body_sha256: string;
  /** Version of the key behind the management token. */
  readonly token_key: number;
  readonly participant_ref: string | null;
  readonly sealed_contact: string | null;
  readonly traceparent: string | null;
  /** `classification` and `authoredText` of the contract. */
  readonly classification: object;
  readonly text: object;
}

/** What the batch adds to each row: its place, how long it stood in the queue, and where its sealed body lies in the second parameter. */
export interface BatchRow extends IntakeRow {
  readonly position: number;
  /** Whole milliseconds. */
  readonly waited: number;
  readonly body_start: number;
  readonly body_length: number;
}

/**
 * - `created`, `replayed`: the columns of the receipt are set.
 * - `again`: not decided; it came too late, or another batch or the seal was at it. To be put into a next batch.
 */
export type Outcome = 'created' | 'replayed' | 'key-reused' | 'campaign-unknown' | 'not-open' | 'target-unknown' | 'again';

export interface ResponsibleService {
  readonly name: Bilingual;
  readonly email: string;
  readonly postalAddress: string;
  readonly telephone: string;
}

/** One row per request; columns that its outcome does not need are null. */
export interface OutcomeRow {
  readonly position: number;
  readonly outcome: Outcome;
  readonly contribution_id: string | null;
  readonly filing_number: string | null;
  /** The instant by which the request was judged; of the receipt, where there is one. */
  readonly received_at: string;
  readonly token_key: number | null;
  readonly responsible_service: ResponsibleService | null;
  readonly state: CampaignState | null;
  readonly opens_at: string | null;
  readonly closes_at: string | null;
  /** Place in `targets`, from 0, of the first one that does not exist. */
  readonly unknown_target: number | null;
}

/**
 * Settings of the connections that run the statement. Its plan is made once, perhaps on an empty table, and must still be
 * right at five million rows: every table is reached by its index, whatever the statistics say.
 */
export const planSettings = { enable_seqscan: 'off', plan_cache_mode: 'force_generic_plan', jit: 'off' } as const;

/**
 * Decides, stores and announces a batch, in one statement and so in one commit.
 * $1: `BatchRow[]` as JSON · $2: the sealed bodies, one after the other · $3: MAX_QUEUE_WAIT_MS.
 *
 * Precedence: replayed or key reused → campaign unknown → not open → (again) → target unknown → created.
 * A row counts only when it waited no longer than $3 and passed its campaign's gate within a second: the seal takes the
 * same lock alone, $3 and a second after closing, and must find every row that can still commit. Rows are inserted in
 * the order of their keys, or two batches could deadlock. A key that another batch commits meanwhile is neither
 * inserted nor visible: it comes again.
 */
export const acceptContributions = {
  name: 'accept-contributions',
  text: `
WITH request AS MATERIALIZED (
  SELECT r.*, service_now() - r.waited * interval '1 millisecond' AS received_at
  FROM json_to_recordset($1::json) AS r (
    position integer, waited integer, contribution_id uuid, campaign_id uuid, event_id uuid, key_hash text, body_sha256 text,
    body_start integer, body_length integer, token_key smallint, participant_ref text, sealed_contact text, traceparent text,
    classification json, text json)
),
gate AS MATERIALIZED (
  SELECT campaign_id,
         CASE WHEN pg_try_advisory_xact_lock_shared(intake_gate(campaign_id)) THEN clock_timestamp() END - statement_timestamp() AS locked_after
  FROM (SELECT DISTINCT campaign_id FROM request) AS campaign
),
decided AS MATERIALIZED (
  SELECT r.*, w.state, w.accepting, w.opens_at, w.closes_at, w.responsible_service, missing.target AS unknown_target,
         known.contribution_id AS known_id, known.filing_number AS known_number, known.received_at AS known_at, known.token_key AS known_token_key,
         CASE
           WHEN known.body_sha256 = r.body_sha256 THEN 'replayed'
           WHEN known.body_sha256 IS NOT NULL THEN 'key-reused'
           WHEN r.waited > $3::integer THEN 'again'
           WHEN w.opens_at IS NULL THEN 'campaign-unknown'
           WHEN window_state(w.state, w.accepting, w.opens_at, w.closes_at, r.received_at) <> 'open' OR seal.campaign_id IS NOT NULL THEN 'not-open'
           WHEN gate.locked_after IS NULL OR gate.locked_after >= interval '1 second' THEN 'again'
           WHEN missing.target IS NOT NULL THEN 'target-unknown'
           ELSE 'created'
         END AS outcome
  FROM request AS r
  JOIN gate USING (campaign_id)
  LEFT JOIN campaign_window AS w USING (campaign_id)
  LEFT JOIN intake_seal AS seal USING (campaign_id)
  LEFT JOIN LATERAL (
    SELECT contribution_id, filing_number, received_at, token_key, body_sha256
    FROM contribution AS c WHERE c.key_hash = decode(r.key_hash, 'hex') LIMIT 1
  ) AS known ON true
  LEFT JOIN LATERAL (
    SELECT min(t.place)::integer - 1 AS target
    FROM ROWS FROM (json_to_recordset(r.classification -> 'targets') AS (type text, id uuid)) WITH ORDINALITY AS t (type, id, place)
    LEFT JOIN LATERAL (
      SELECT true AS found FROM contribution AS c WHERE t.type = 'contribution' AND c.contribution_id = t.id AND c.campaign_id = r.campaign_id
      UNION ALL
      SELECT true FROM outline_node AS n WHERE n.campaign_id = r.campaign_id AND n.node_id = t.id AND n.target_type = t.type
      UNION ALL
      SELECT true WHERE t.type <> 'contribution' AND NOT EXISTS (SELECT FROM campaign_outline AS o WHERE o.campaign_id = r.campaign_id)
      LIMIT 1
    ) AS hit ON true
    WHERE hit.found IS NULL
  ) AS missing ON true
),
winner AS (
  SELECT DISTINCT ON (key_hash) * FROM decided WHERE outcome = 'created' ORDER BY key_hash, position
),
filed AS (
  INSERT INTO contribution (contribution_id, campaign_id, key_hash, filing_number, received_at, body_sealed, body_sha256,
                            token_key, participant_ref, sealed_contact, classification, text, changed_at)
  SELECT contribution_id, campaign_id, decode(key_hash, 'hex'),
         filing_number(extract(year FROM received_at AT TIME ZONE 'UTC')::integer, nextval('filing_number_seq')),
         received_at, substring($2::bytea FROM body_start + 1 FOR body_length), body_sha256,
         token_key, participant_ref, sealed_contact, classification::jsonb, text::jsonb, received_at
  FROM winner ORDER BY key_hash
  ON CONFLICT (key_hash) DO NOTHING
  RETURNING contribution_id, filing_number, instant(received_at) AS received_at
),
announced AS (
  INSERT INTO outbox (id, topic, key, envelope, traceparent)
  SELECT d.event_id, '${contributionSubmitted.topic.name}', d.contribution_id::text,
         '{"specversion":"1.0","id":"' || d.event_id || '","source":"${contributionSubmitted.topic.publisher}","type":"${contributionSubmitted.type}","subject":"' || d.contribution_id
         || '","time":"' || f.received_at || '","datacontenttype":"application/json","aggregateversion":1,"data":{"contributionId":"' || d.contribution_id
         || '","campaignId":"' || d.campaign_id || '","filingNumber":"' || f.filing_number || '","receivedAt":"' || f.received_at
         || '","bodySha256":"' || d.body_sha256 || '","status":"filed"'
         || coalesce(',"participantRef":"' || d.participant_ref || '"', '') || coalesce(',"sealedContact":"' || d.sealed_contact || '"', '')
         || ',"classification":' || d.classification || ',"text":' || d.text
         || ',"origin":{"keySha256":"' || d.key_hash || '","tokenKey":' || d.token_key || '}}}',
         d.traceparent
  FROM decided AS d JOIN filed AS f USING (contribution_id)
)
SELECT d.position,
       CASE WHEN d.outcome = 'created' AND f.contribution_id IS NULL THEN 'again' ELSE d.outcome END AS outcome,
       coalesce(f.contribution_id, d.known_id) AS contribution_id,
       coalesce(f.filing_number, d.known_number) AS filing_number,
       coalesce(f.received_at, instant(coalesce(d.known_at, d.received_at))) AS received_at,
       coalesce(d.known_token_key, d.token_key) AS token_key,
       d.responsible_service, window_state(d.state, d.accepting, d.opens_at, d.closes_at, d.received_at) AS state, instant(d.opens_at) AS opens_at, instant(d.closes_at) AS closes_at, d.unknown_target
FROM decided AS d LEFT JOIN filed AS f USING (contribution_id)`,
} as const;
