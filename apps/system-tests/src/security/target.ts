import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cast, openStage, prepareCampaign, schedule, type Stage } from '@cahier/demo';
import { serviceNames, staffToken, type ServiceName, type StaffRole } from '@cahier/local-stack';
import { Pool } from 'pg';

/** As `JSON.parse` types it: replies and rows are read as they come. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly json: Json;
}

export interface Attack {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, anything else as it is. */
  readonly body?: unknown;
}

/** Bytes beyond which only the beginning of a body is sent, under its whole length. */
const SENT_WHOLE = 512 * 1024;

/** The whole system with one open campaign and one draft, to be attacked over HTTP; and ways to see that nothing changed. */
export class Target {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly tokens = new Map<StaffRole, string>();
  private readonly pools = new Map<ServiceName, Pool>();

  private constructor(readonly stage: Stage, readonly campaignId: string, readonly draftId: string) {}

  /** @param logFolder of the services. */
  static async open(logFolder: string): Promise<Target> {
    // The servers of the test run, which forget in a power cut.
    const env = Object.fromEntries(serviceNames.map((name) => [name, { DURABILITY_PROFILE: 'test' }]));
    const stage = await openStage({ logFolder, env });
    try {
      const { url } = stage.services['campaign-service'];
      const mark = (): string => `s${randomUUID().slice(0, 6)}`;
      const draft = await prepareCampaign(stage.manager, url, cast(mark()));
      const open = await prepareCampaign(stage.manager, url, cast(mark()));
      await schedule(stage.manager, url, open, new Date(Date.now() + 4_000), new Date(Date.now() + 3_600_000));
      const target = new Target(stage, open.campaignId, draft.campaignId);
      await target.until('filing is open', async () => (await target.file()).status === 201);
      await target.until('notification-service knows the campaign', async () => (await target.ask('notification-service', '/subscriptions', { method: 'POST', body: { email: 'first@example.org', campaignId: open.campaignId, consent: true } })).status === 202);
      return target;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async token(role: StaffRole): Promise<string> {
    const token = this.tokens.get(role) ?? (await staffToken(this.stage.stack, role));
    this.tokens.set(role, token);
    return token;
  }

  ask(service: ServiceName, path: string, { method = 'GET', token, headers = {}, body }: Attack = {}): Promise<Reply> {
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    const all = { ...(bytes && { 'content-type': 'application/json', 'content-length': String(bytes.length) }), ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers };
    const { hostname, port } = new URL(this.stage.services[service].url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path, method, agent: this.agent, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
          if (!sent.writableEnded) sent.destroy();
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: text !== '' && /json(;|$)/.test(response.headers['content-type'] ?? '') ? (JSON.parse(text) as unknown) : undefined });
        });
      });
      sent.on('error', (error) => { reject(new Error(`${method} ${path}: ${error.message}`)); });
      // A service refuses such a length before it reads on, and closes: whoever still writes may miss the answer.
      if (bytes && bytes.length > SENT_WHOLE) sent.write(bytes.subarray(0, SENT_WHOLE / 8));
      else sent.end(bytes);
    });
  }

  /** Files a contribution. */
  file(changes: Readonly<Record<string, unknown>> = {}, headers: Readonly<Record<string, string>> = {}, campaignId = this.campaignId): Promise<Reply> {
    const body = { kind: 'proposal', targets: [], body: 'Plus d’arbres.', publication: { preference: 'anonymous' }, ...changes };
    return this.ask('contribution-service', `/campaigns/${campaignId}/contributions`, { method: 'POST', headers: { 'idempotency-key': randomUUID(), ...headers }, body });
  }

  /** Of one service's database, read as the service itself would. */
  async rows<Row = Json>(service: ServiceName, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const pool = this.pools.get(service) ?? new Pool({ connectionString: this.stage.services[service].env.DATABASE_URL, max: 4 });
    this.pools.set(service, pool);
    return (await pool.query(sql, [...parameters])).rows as Row[];
  }

  /** Table → hash of everything in it, for all services; once nothing moves by itself any more. */
  async everything(): Promise<Record<string, string>> {
    let before: Record<string, string> = {};
    for (let same = 0; same < 2; await sleep(250)) {
      const now = await this.hashes();
      same = JSON.stringify(now) === JSON.stringify(before) ? same + 1 : 0;
      before = now;
    }
    return before;
  }

  private async hashes(): Promise<Record<string, string>> {
    const hashes: Record<string, string> = {};
    for (const service of serviceNames) {
      const tables = await this.rows<{ name: string }>(service, `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`);
      const each = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::integer AS rows, md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) AS hash FROM "${name}" AS t`);
      for (const { name, rows, hash } of await this.rows<{ name: string; rows: number; hash: string }>(service, each.join(' UNION ALL '))) hashes[`${service} ${name}`] = `${rows} rows ${hash}`;
    }
    return hashes;
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const start = performance.now(); !(await holds()); await sleep(100)) if (performance.now() - start > 60_000) throw new Error(`Waited 60 s until ${what}`);
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    await this.stage.close();
  }
}

