import { failpoint, isUnavailable, Metrics } from '@cahier/platform';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type PoolClient } from 'pg';
import { CONFIG, type Config } from '../config.js';
import { acceptContributions, planSettings, type OutcomeRow } from './accept-contributions.statement.js';
import { Columns } from './columns.js';
import { IntakeUnavailable } from './intake.errors.js';
import type { Filing } from './intake-queue.js';
import { isDoubtful } from './late-verdict.policy.js';

/** One connection for each batch in flight. */
const CONNECTIONS = 2;

/** Sends a batch to the database, on connections of its own: no report and no list can take them. */
@Injectable()
export class IntakeWriter implements OnApplicationShutdown {
  private readonly logger = new Logger(IntakeWriter.name);
  private readonly pool: Pool;
  private readonly columns = new WeakMap<PoolClient, Columns>();

  constructor(@Inject(CONFIG) private readonly config: Config, metrics: Metrics) {
    this.pool = new Pool({
      connectionString: config.DATABASE_URL,
      application_name: 'contribution-service intake',
      max: CONNECTIONS,
      options: Object.entries(planSettings).map(([name, value]) => `-c ${name}=${value}`).join(' '),
      keepAlive: true,
      connectionTimeoutMillis: config.MAX_QUEUE_WAIT_MS,
      // The server gives up first, so that what it answers is known; the client only where nothing answers at all.
      statement_timeout: 10_000,
      query_timeout: 12_000,
    });
    metrics.watchPool('intake', () => this.pool);
    this.pool.on('error', (error) => this.logger.warn(`Idle connection lost: ${error.message}`));
  }

  /**
   * @returns one outcome per filing, in their order, after the commit.
   * @throws IntakeUnavailable when the database did not answer: the batch is stored as a whole or not at all, and nobody knows which.
   */
  async write(filings: readonly Filing[]): Promise<OutcomeRow[]> {
    try {
      const client = await this.pool.connect();
      return await this.writeWith(client, filings);
    } catch (error) {
      if (isUnavailable(error) || isTimeout(error)) throw new IntakeUnavailable();
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  private async writeWith(client: PoolClient, filings: readonly Filing[]): Promise<OutcomeRow[]> {
    let broken = true;
    // The query rejects as well; an error event that nobody listens to would end the process.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    try {
      await failpoint('before-commit');
      const sentAt = performance.now();
      const { rows } = await client.query<OutcomeRow>({ ...acceptContributions, values: this.parameters(client, filings, sentAt) });
      const roundTrip = performance.now() - sentAt;
      broken = false;
      await failpoint('after-commit-before-reply');
      return rows.sort((a, b) => a.position - b.position).map((row) => (isDoubtful(row, roundTrip) ? { ...row, outcome: 'again' } : row));
    } finally {
      client.off('error', ignore);
      // After an error the connection may still be busy with the statement.
      client.release(broken);
    }
  }

  /** @param now as late as can be: from here on the database's clock runs. */
  private parameters(client: PoolClient, filings: readonly Filing[], now: number): unknown[] {
    let columns = this.columns.get(client);
    if (!columns) this.columns.set(client, (columns = new Columns()));
    const rows = filings.map(({ row, sealedBody, arrivedAt }) => ({ ...row, body_sealed: sealedBody, waited: Math.round(now - arrivedAt) }));
    return [...columns.of(rows), this.config.TOKEN_KEYS.current, this.config.MAX_QUEUE_WAIT_MS];
  }
}

/** Of the statement on the server (57014), or of ours waiting for any answer. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && (('code' in error && error.code === '57014') || /time-?out/i.test(error.message));
}
