import { startStack, throwAwayFolder, type Stack, type StackPart } from '@cahier/local-stack';
import pg from 'pg';

/** The parts' servers, in a folder of their own. PostgreSQL syncs to the disk, and has the files for its log as one has that has run for a day. */
export async function startBenchStack<P extends StackPart = never>(...parts: P[]): Promise<{ readonly stack: Stack<P | 'postgres'>; readonly folder: string }> {
  const folder = await throwAwayFolder('bench');
  const stack = await startStack<P | 'postgres'>({ parts: ['postgres', ...parts], folder, throwAway: true });
  try {
    await makeLogFiles(stack);
    return { stack, folder };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

const LOG_FILES = 40;

/** A new server makes each of its 16 MiB log files while somebody's commit waits for it, some 50 ms at a time; one that has run for a while uses old ones again. */
async function makeLogFiles({ postgres }: Stack<'postgres'>): Promise<void> {
  const db = new pg.Client({ connectionString: postgres.adminUrl });
  await db.connect();
  try {
    await db.query(`ALTER SYSTEM SET min_wal_size = '1GB'`);
    await db.query(`ALTER SYSTEM SET max_wal_size = '4GB'`);
    await db.query('SELECT pg_reload_conf()');
    for (let n = 0; n < LOG_FILES; n++) {
      await db.query('SELECT pg_current_xact_id()'); // only a file that holds something is left for the next
      await db.query('SELECT pg_switch_wal()');
    }
    await db.query('CHECKPOINT');
  } finally {
    await db.end();
  }
}
