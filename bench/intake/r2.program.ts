import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import { bodySchema, type Body } from './reference-body.js';

/**
 * R2: R1 after a second look. What arrives while at most two batches are in flight is written together, contributions and
 * their events in one statement, and answered after its commit. No idempotency, no window, no encryption.
 */
const { DATABASE_URL, HTTP_PORT } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2 });

await pool.query(`CREATE TABLE IF NOT EXISTS contribution (
  contribution_id uuid PRIMARY KEY, campaign_id uuid NOT NULL, kind text NOT NULL, title text, body text NOT NULL,
  language text NOT NULL, publication text NOT NULL, received_at timestamptz NOT NULL DEFAULT now())`);
await pool.query('CREATE TABLE IF NOT EXISTS outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL, payload jsonb NOT NULL)');

interface Waiting { readonly row: object; readonly resolve: (receivedAt: Date) => void; readonly reject: (error: unknown) => void }

const waiting: Waiting[] = [];
let inFlight = 0;

function store(row: object): Promise<Date> {
  return new Promise((resolve, reject) => {
    waiting.push({ row, resolve, reject });
    setImmediate(flush);
  });
}

function flush(): void {
  if (inFlight === 2 || waiting.length === 0) return;
  const batch = waiting.splice(0, 256);
  inFlight++;
  pool.query<{ received_at: Date }>({
    name: 'insert',
    text: `WITH filed AS (
             INSERT INTO contribution (contribution_id, campaign_id, kind, title, body, language, publication)
             SELECT contribution_id, campaign_id, kind, title, body, language, publication
             FROM json_to_recordset($1) AS r (contribution_id uuid, campaign_id uuid, kind text, title text, body text, language text, publication text)
             RETURNING *),
           said AS (INSERT INTO outbox (key, payload) SELECT contribution_id, to_jsonb(filed) FROM filed)
           SELECT received_at FROM filed LIMIT 1`,
    values: [JSON.stringify(batch.map(({ row }) => row))],
  }).then(
    ({ rows }) => { for (const { resolve } of batch) resolve(rows[0]!.received_at); },
    (error: unknown) => { for (const { reject } of batch) reject(error); },
  ).finally(() => {
    inFlight--;
    flush();
  });
}

const server = fastify();
server.post<{ Params: { campaignId: string }; Body: Body }>('/campaigns/:campaignId/contributions', { schema: bodySchema }, async ({ params, body }, reply) => {
  const id = randomUUID();
  const receivedAt = await store({ contribution_id: id, campaign_id: params.campaignId, kind: body.kind, title: body.title, body: body.body, language: body.language, publication: body.publication.preference });
  return reply.status(201).send({ contributionId: id, receivedAt });
});
await server.listen({ port: Number(HTTP_PORT), host: '127.0.0.1' });
