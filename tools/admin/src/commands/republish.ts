import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Commands, service, type Outcome, type Session } from '../command.js';
import type { ServiceName } from '../place.js';
import { failed, misused } from '../problems.js';

const run = promisify(execFile);
const told = z.object({ facts: z.number() });

/** `admin republish …` */
export function republish(program: Command, commands: Commands): void {
  const verb = program
    .command('republish')
    .description('have a service tell all its facts again; whoever has heard them does nothing')
    .addArgument(service())
    .option('--after-loss', 'its topics were lost and are empty: their readers begin anew. The services that read them must be stopped')
    .option('--yes', 'without asking');
  commands.does(verb, async (session, name: ServiceName, { afterLoss = false }: { afterLoss?: boolean }): Promise<Outcome> => {
    if (afterLoss) return tellAfterLoss(session, name);
    const facts = await tellAgain(session, name);
    return { data: { service: name, facts }, text: `${facts} facts of ${name} wait in the outbox.` };
  });
}

/** @returns how many facts wait in the outbox now. */
export async function tellAgain({ api }: Session, name: ServiceName): Promise<number> {
  return (await api.post(name, '/staff/republish', told)).facts;
}

/** By the program of the service's own image, since nothing of it runs. */
async function tellAfterLoss({ place, confirm }: Session, name: ServiceName): Promise<Outcome> {
  const environment = place.environment(name);
  if (environment === undefined) throw misused(`Services are stopped for this, so it is done by the service's own image, with its environment: node dist/republish.js --after-loss (docs/operations.md).`);
  await confirm(`Whoever reads the topics of ${name} forgets its position and hears everything that Kafka still holds.`);
  const folder = join(import.meta.dirname, '../../../../apps', name);
  try {
    const { stdout } = await run(process.execPath, ['dist/republish.js', '--after-loss'], { cwd: folder, env: { PATH: dirname(process.execPath), ...environment } });
    return { data: { service: name, done: stdout.trim() }, text: stdout.trim() };
  } catch (error) {
    throw failed((error as { stderr?: string }).stderr?.trim() ?? String(error));
  }
}
