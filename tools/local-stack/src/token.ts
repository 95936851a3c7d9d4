import { parseArgs } from 'node:util';
import { runCommand } from './command-line.js';
import { Ledger } from './ledger.js';
import { liveFolder } from './paths.js';
import { isRunning } from './processes.js';
import { StackProblem } from './problem.js';
import { issuerAt, staffToken } from './staff-token.js';
import { staffRoles, type StaffRole } from './types.js';

const USAGE = `Usage: npm run token -- <role> [--bodies code,code] [--folder <stack's folder> | --against <address of the entry>]
Roles: ${staffRoles.join(', ')}`;

/** `npm run token -- moderator`: prints a staff access token and nothing else, so that it can be used in a command. */
await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { bodies: { type: 'string' }, folder: { type: 'string' }, against: { type: 'string' } } });
  const role = staffRoles.find((known) => known === positionals[0]) satisfies StaffRole | undefined;
  if (role === undefined) throw new StackProblem(USAGE);
  const oidc = values.against === undefined ? runningHere(values.folder ?? liveFolder) : { issuer: issuerAt(values.against.replace(/\/$/, '')) };
  const bodies = values.bodies?.split(',') ?? [];
  console.log(await staffToken({ oidc }, role, { bodies }));
});

/** @returns the sign-in server of the stack in `folder`. */
function runningHere(folder: string): { readonly issuer: string } {
  const ledger = Ledger.read(folder);
  const oidc = ledger?.addresses.oidc;
  if (!oidc || !ledger.processes.oidc || !isRunning(ledger.processes.oidc)) throw new StackProblem('No sign-in server runs. Start the system with `npm start` (or `npm run stack -- up`), then ask again.');
  return oidc;
}
