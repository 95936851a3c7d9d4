import { contributionSubmitted } from '@cahier/contracts';
import type { Bilingual, CampaignState } from '@cahier/contracts';

/** One request as the statement takes it. */
export interface IntakeRow {
  readonly contribution_id: string;
  readonly campaign_id: string;
  /** Of `contribution.submitted` version 1 of this contribution. */
  readonly event_id: string;
  /** SHA-256 of the idempotency key. */
  readonly key_hash: Buffer;
  /** SHA-256 of the request body as received, hexadecimal. */
  readonly body_sha256: string;
  readonly participant_ref: string | null;
  readonly sealed_contact: string | null;
  readonly traceparent: string | null;
  /** JSON of the contract's `classification` and `authoredText`. */
  readonly classification: string;
  readonly text: string;
  /** JSON of the classification's `targets`; null where there are none to look up. */
  readonly targets: string | null;
}

/** What the batch adds to each row: how long it stood in the queue, in whole milliseconds, and its encrypted body. */
export interface BatchRow extends IntakeRow {
  readonly waited: number;
  readonly body_sealed: Buffer;
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
  /** Of the request in the batch, from 0. */
  readonly position: number;
  readonly outcome: Outcome;
  /** With `token_key`, of the contribution that a replayed request made; a created one has what was sent. */
  readonly contribution_id: string | null;
  readonly token_key: number | null;
  readonly filing_number: string | null;
  /** The instant by which the request was judged; of the receipt, where there is one. */
  readonly received_at: string;
  /** JSON of a `ResponsibleService`. */
  readonly responsible_service: string | null;
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
 * Decides, stores and announces a batch, in one statement and so in one commit. $1 to $13: the columns of the `BatchRow`s, an array each
 * (`columns`); $14: version of the key behind the management tokens; $15: MAX_QUEUE_WAIT_MS. Only what decides passes through the steps; what is just stored
 * is taken from its array where it is inserted.
 *
 * Precedence: replayed or key reused → campaign unknown → not open → (again) → target unknown → created.
 * A row counts only when it waited no longer than $15 and passed its campaign's gate within a second: the seal takes the
 * same lock alone, $15 and a second after closing, and must find every row that can still commit. Rows are inserted in
 * the order of their keys, or two batches could deadlock. A key that another batch commits meanwhile is neither
 * inserted nor visible: it comes again.
 */
export const acceptContributions = {
  name: 'accept-contributions',
  text: `
WITH request AS MATERIALIZED (
  SELECT n, ($1::text[])[n]::uuid AS contribution_id, ($2::text[])[n]::uuid AS campaign_id, ($4::bytea[])[n] AS key_hash, ($5::text[])[n] AS body_sha256, ($11::text[])[n]::json AS targets,
         ($12::integer[])[n] AS waited, service_now() - ($12::integer[])[n] * interval '1 millisecond' AS received_at
  FROM generate_series(1, cardinality($1::text[])) AS n
),
gate AS MATERIALIZED (
  SELECT campaign_id, w.state, w.accepting, w.opens_at, w.closes_at, w.responsible_service::text AS responsible_service, seal.campaign_id IS NOT NULL AS sealed,
         CASE WHEN pg_try_advisory_xact_lock_shared(intake_gate(campaign_id)) THEN clock_timestamp() END - statement_timestamp() AS locked_after
  FROM (SELECT DISTINCT campaign_id FROM request) AS campaign
  LEFT JOIN campaign_window AS w USING (campaign_id)
  LEFT JOIN intake_seal AS seal USING (campaign_id)
),
decided AS MATERIALIZED (
  SELECT r.n, r.contribution_id, r.campaign_id, r.key_hash, r.body_sha256, r.received_at, missing.target AS unknown_target,
         known.contribution_id AS known_id, known.filing_number AS known_number, known.received_at AS known_at, known.token_key AS known_token_key,
         CASE
           WHEN known.body_sha256 = r.body_sha256 THEN 'replayed'
           WHEN known.body_sha256 IS NOT NULL THEN 'key-reused'
           WHEN r.waited > $15::integer THEN 'again'
           WHEN gate.opens_at IS NULL THEN 'campaign-unknown'
           WHEN window_state(gate.state, gate.accepting, gate.opens_at, gate.closes_at, r.received_at) <> 'open' OR gate.sealed THEN 'not-open'
           WHEN gate.locked_after IS NULL OR gate.locked_after >= interval '1 second' THEN 'again'
           WHEN missing.target IS NOT NULL THEN 'target-unknown'
           ELSE 'created'
         END AS outcome
  FROM request AS r
  JOIN gate USING (campaign_id)
  LEFT JOIN LATERAL (
    SELECT contribution_id, filing_number, received_at, token_key, body_sha256
    FROM contribution AS c WHERE c.key_hash = r.key_hash LIMIT 1
  ) AS known ON true
  LEFT JOIN LATERAL (
    SELECT min(t.place)::integer - 1 AS target
    FROM ROWS FROM (json_to_recordset(r.targets) AS (type text, id uuid)) WITH ORDINALITY AS t (type, id, place)
    LEFT JOIN LATERAL (
      SELECT true AS found FROM contribution AS c WHERE t.type = 'contribution' AND c.contribution_id = t.id AND c.campaign_id = r.campaign_id
      UNION ALL
      SELECT true FROM outline_node AS n WHERE n.campaign_id = r.campaign_id AND n.node_id = t.id AND n.target_type = t.type
      UNION ALL
      SELECT true WHERE t.type <> 'contribution' AND NOT EXISTS (SELECT FROM campaign_outline AS o WHERE o.campaign_id = r.campaign_id)
      LIMIT 1
    ) AS hit ON true
    WHERE r.targets IS NOT NULL AND hit.found IS NULL
  ) AS missing ON true
),
winner AS (
  SELECT *, nextval('filing_number_seq') AS number
  FROM (SELECT DISTINCT ON (key_hash) n, contribution_id, campaign_id, key_hash, body_sha256, received_at FROM decided WHERE outcome = 'created' ORDER BY key_hash, n) AS first
),
filed AS (
  INSERT INTO contribution (contribution_id, campaign_id, key_hash, filing_number, received_at, body_sealed, body_sha256,
                            token_key, participant_ref, sealed_contact, classification, text, changed_at)
  SELECT contribution_id, campaign_id, key_hash, filing_number(extract(year FROM received_at AT TIME ZONE 'UTC')::integer, number), received_at, ($13::bytea[])[n], body_sha256,
         $14::smallint, ($6::text[])[n], ($7::text[])[n], ($9::text[])[n]::jsonb, ($10::text[])[n]::jsonb, received_at
  FROM winner ORDER BY key_hash
  ON CONFLICT (key_hash) DO NOTHING
  RETURNING contribution_id, filing_number, instant(received_at) AS received_at
),
announced AS (
  INSERT INTO outbox (id, topic, key, envelope, traceparent)
  SELECT ($3::text[])[n]::uuid, '${contributionSubmitted.topic.name}', contribution_id::text,
         '{"specversion":"1.0","id":"' || ($3::text[])[n] || '","source":"${contributionSubmitted.topic.publisher}","type":"${contributionSubmitted.type}","subject":"' || contribution_id
         || '","time":"' || f.received_at || '","datacontenttype":"application/json","aggregateversion":1,"data":{"contributionId":"' || contribution_id
         || '","campaignId":"' || campaign_id || '","filingNumber":"' || f.filing_number || '","receivedAt":"' || f.received_at
         || '","bodySha256":"' || body_sha256 || '","status":"filed"'
         || coalesce(',"participantRef":"' || ($6::text[])[n] || '"', '') || coalesce(',"sealedContact":"' || ($7::text[])[n] || '"', '')
         || ',"classification":' || ($9::text[])[n] || ',"text":' || ($10::text[])[n]
         || ',"origin":{"keySha256":"' || encode(key_hash, 'hex') || '","tokenKey":' || $14::smallint || '}}}',
         ($8::text[])[n]
  FROM decided JOIN filed AS f USING (contribution_id)
)
SELECT d.n - 1 AS position,
       CASE WHEN d.outcome = 'created' AND f.contribution_id IS NULL THEN 'again' ELSE d.outcome END AS outcome,
       d.known_id AS contribution_id, d.known_token_key AS token_key,
       coalesce(f.filing_number, d.known_number) AS filing_number,
       coalesce(f.received_at, instant(coalesce(d.known_at, d.received_at))) AS received_at,
       gate.responsible_service, refusal.state, refusal.opens_at, refusal.closes_at, d.unknown_target
FROM decided AS d
JOIN gate USING (campaign_id)
LEFT JOIN filed AS f USING (contribution_id)
LEFT JOIN LATERAL (
  SELECT window_state(gate.state, gate.accepting, gate.opens_at, gate.closes_at, d.received_at) AS state, instant(gate.opens_at) AS opens_at, instant(gate.closes_at) AS closes_at
  WHERE d.outcome = 'not-open'
) AS refusal ON true`,
} as const;
