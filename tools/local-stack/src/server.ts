import { join } from 'node:path';
import type { Keys } from './keys.js';
import type { Ledger, StackProcess } from './ledger.js';
import { launch, type Launch, type ProcessIdentity } from './processes.js';
import type { Durability } from './durability.js';

/** What a server needs to know about the stack it belongs to. */
export interface ServerContext {
  readonly ledger: Ledger;
  readonly keys: Keys;
  readonly throwAway: boolean;
  readonly durability: Durability;
  readonly log: (line: string) => void;
}

export const dataFolder = ({ ledger }: ServerContext, name: string): string => join(ledger.folder, name);

export const logFile = ({ ledger }: ServerContext, name: string): string => join(ledger.folder, 'logs', `${name}.log`);

/** Launches a server and writes it down, with how to end it, before anybody waits for it. */
export async function launchServer(context: ServerContext, part: string, ending: Pick<StackProcess, 'stopWith' | 'abandonWith'>, how: Omit<Launch, 'logFile'>): Promise<ProcessIdentity> {
  const identity = await launch({ ...how, logFile: logFile(context, part) });
  context.ledger.started(part, { ...identity, kind: 'server', ...ending });
  return identity;
}
