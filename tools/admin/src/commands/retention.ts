import type { Command } from 'commander';
import { z } from 'zod';
import { type Commands, service, type Outcome } from '../command.js';
import { type ServiceName, serviceNames } from '../place.js';
import { table } from '../table.js';

const removed = z.object({ removed: z.record(z.string(), z.number()) });

/** `admin retention …` */
export function retention(program: Command, commands: Commands): void {
  const noun = program.command('retention').description('what may not be kept for ever');
  const run = noun.command('run').description('erase now what has been kept long enough; every service does so by itself once an hour').addArgument(service(false)).option('--yes', 'without asking');
  commands.does(run, async ({ api, confirm }, name: ServiceName | undefined): Promise<Outcome> => {
    await confirm('What has been kept long enough is erased.');
    const data: Record<string, Record<string, number>> = {};
    for (const one of name === undefined ? serviceNames : [name]) data[one] = (await api.post(one, '/staff/retention', removed)).removed;
    return { data, text: table(['service', 'what', 'rows'], Object.entries(data).flatMap(([one, rules]) => Object.entries(rules).map(([rule, rows]) => [one, rule, String(rows)]))) };
  });
}
