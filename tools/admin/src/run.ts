import { Command, CommanderError } from 'commander';
import { Commands } from './command.js';
import { audit } from './commands/audit.js';
import { deadLetters } from './commands/dead-letters.js';
import { mails } from './commands/mails.js';
import { projection } from './commands/projection.js';
import { reports } from './commands/reports.js';
import { republish } from './commands/republish.js';
import { retention } from './commands/retention.js';
import { status } from './commands/status.js';
import { AdminProblem, EXIT, type ExitCode } from './problems.js';
import type { Terminal } from './terminal.js';

const AFTER = `
Which system: --against or CAHIER_ENTRY, an entry such as https://cahier.example; or CAHIER_CAMPAIGN_SERVICE_URL,
CAHIER_CONTRIBUTION_SERVICE_URL, CAHIER_NOTIFICATION_SERVICE_URL and CAHIER_REPORTING_SERVICE_URL; else the one that
\`npm start\` runs on this machine, where an administrator is signed in.
Who: the access token of an administrator, by --token-file or CAHIER_TOKEN. What is done stands in the audit trail under its subject.

Ends with 0: done. 1: refused, failed, or something is not as it should be. 2: wrong command line, or not confirmed.
3: a service or the sign-in server does not answer.`;

/** Runs one command line, without the program's name. @returns the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const commands = new Commands(terminal);
  const program = new Command('admin')
    .description('Operates a running Cahier.')
    .option('--against <entry>', 'address of the system’s entry')
    .option('--token-file <file>', 'file with an access token')
    .option('--json', 'print for programs')
    .addHelpText('after', AFTER)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: (text) => { terminal.out(text.trimEnd()); }, writeErr: (text) => { terminal.err(text.trimEnd()); } });
  // Each further command takes these settings over from its parent.
  for (const noun of [status, deadLetters, mails, reports, republish, projection, retention, audit]) noun(program, commands);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return commands.ended;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof AdminProblem)) throw error;
    terminal.err(error.message);
    return error.exitCode;
  }
}
