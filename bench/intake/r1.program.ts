import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import { bodySchema, type Body } from './reference-body.js';

/**
 * R1: what a good engineer writes by hand in an hour. Fastify with a schema, one prepared INSERT per request, committed
 * before the reply. No idempotency, no event, no window, no encryption.
 */
const { DATABASE_URL, HTTP_PORT } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });

await pool.query(`CREATE TABLE IF NOT EXISTS contribution (
  contribution_id uuid PRIMARY KEY, campaign_id uuid NOT NULL, kind text NOT NULL, title text, body text NOT NULL,
  language text NOT NULL, publication text NOT NULL, received_at timestamptz NOT NULL DEFAULT now())`);

const server = fastify();
server.post<{ Params: { campaignId: string }; Body: Body }>('/campaigns/:campaignId/contributions', { schema: bodySchema }, async ({ params, body }, reply) => {
  const id = randomUUID();
  const { rows } = await pool.query<{ received_at: Date }>({
    name: 'insert',
    text: 'INSERT INTO contribution (contribution_id, campaign_id, kind, title, body, language, publication) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING received_at',
    values: [id, params.campaignId, body.kind, body.title, body.body, body.language, body.publication.preference],
  });
  return reply.status(201).send({ contributionId: id, receivedAt: rows[0]?.received_at });
});
await server.listen({ port: Number(HTTP_PORT), host: '127.0.0.1' });
