import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeContainers } from './docker.js';
import { keepClassArchive, wouldWriteClassArchive } from './kafka.js';
import { Ledger } from './ledger.js';
import { dropDatabases } from './service-databases.js';
import { markOnSharedServers } from './shared-servers.js';

/**
 * Stops what a folder's ledger says was started there, services first. Processes are known by number and birth:
 * one that ended, or whose number belongs to another by now, is left alone.
 */
export async function stopRecorded(folder: string): Promise<void> {
  const ledger = Ledger.read(folder);
  if (ledger) await stopAll(ledger);
}

export async function stopAll(ledger: Ledger): Promise<void> {
  await ledger.end('service');
  await stopServers(ledger);
}

async function stopServers(ledger: Ledger): Promise<void> {
  const { throwAway, composeProject, given, addresses } = ledger;
  if (throwAway && given.includes('postgres') && addresses.postgres) await dropDatabases(addresses.postgres.adminUrl, markOnSharedServers(ledger, 'postgres'));
  // Data that goes away need not be flushed; but a clean stop of Kafka, once, makes every later start quicker.
  const kafka = ledger.processes.kafka;
  await ledger.end('server', { quickly: throwAway && !(kafka && wouldWriteClassArchive()) });
  if (kafka) keepClassArchive(join(ledger.folder, 'kafka'));
  if (composeProject !== undefined) await removeContainers(composeProject, { withData: throwAway });
}

/** Removes what a stopped stack has stored. */
export function removeData(ledger: Ledger): void {
  for (const folder of [...ledger.foldersElsewhere, ledger.folder]) rmSync(folder, { recursive: true, force: true });
}
