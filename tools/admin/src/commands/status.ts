import type { Command } from 'commander';
import type { Commands, Outcome } from '../command.js';
import { type ServiceName, serviceNames } from '../place.js';
import { AdminProblem, EXIT } from '../problems.js';
import { type Status, statusOf } from '../status.js';
import { table } from '../table.js';

/** Shown in a column of their own; the others where they are not 0. */
const COLUMNS = { 'outbox-age-seconds': 'outbox', 'consumer-lag-messages': 'lag', 'dead-letters': 'dead letters' } as const;
/** Above these somebody must look. The other figures are work in progress. */
const TOLERATED: Readonly<Record<string, number>> = {
  'outbox-age-seconds': 60, 'dead-letters': 0, 'mails-indeterminate': 0, 'mails-failed': 0, 'reports-mismatch': 0, 'reports-failed': 0, 'schedule-late-seconds': 60, 'seal-wait-seconds': 600,
};

interface Seen {
  readonly service: ServiceName;
  readonly status?: Status;
  /** It does not answer, or not to us. */
  readonly problem?: string;
}

/** `admin status`: the first thing to type. */
export function status(program: Command, commands: Commands): void {
  const verb = program.command('status').description('every service in one table: ready, what waits, what needs somebody. The first thing to type');
  commands.does(verb, async ({ api }): Promise<Outcome> => {
    const seen = await Promise.all(serviceNames.map(async (service): Promise<Seen> => {
      try {
        return { service, status: await statusOf(api, service) };
      } catch (error) {
        if (error instanceof AdminProblem && error.exitCode !== EXIT.usage) return { service, problem: error.message };
        throw error;
      }
    }));
    const remarks = seen.flatMap(remarksOn);
    const text = `${table(['service', 'ready', ...Object.values(COLUMNS), 'what waits'], seen.map(rowOf))}\n\n${remarks.length === 0 ? 'Nothing needs you.' : remarks.map((remark) => `! ${remark}`).join('\n')}`;
    return { data: { services: seen, remarks }, text, anomaly: seen.some(({ problem }) => problem !== undefined) ? EXIT.away : remarks.length > 0 };
  });
}

function rowOf({ service, status }: Seen): string[] {
  if (!status) return [service, '?', '?', '?', '?', '?'];
  const { ready, figures } = status;
  const others = Object.entries(figures).filter(([name, value]) => !(name in COLUMNS) && value !== 0);
  const cell = (name: keyof typeof COLUMNS): string => (name in figures ? `${figures[name] ?? '?'}${name.endsWith('seconds') ? ' s' : ''}` : '–');
  return [service, ready ? 'yes' : 'no', ...(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map(cell), others.map(([name, value]) => `${name} ${value ?? '?'}`).join(', ') || '–'];
}

function remarksOn({ service, status, problem }: Seen): string[] {
  if (!status) return [problem!];
  const down = Object.entries(status.parts).filter(([, state]) => state !== 'up').map(([part]) => part);
  const notReady = status.ready ? [] : [`${service} is not ready${down.length > 0 ? `: ${down.join(', ')} down` : ''}`];
  const unknown = Object.entries(status.figures).filter(([, value]) => value === null).map(([name]) => `${service} cannot tell its ${name}: what it would ask does not answer`);
  const beyond = Object.entries(status.figures).filter(([name, value]) => value !== null && value > (TOLERATED[name] ?? Infinity)).map(([name, value]) => `${service}: ${name} ${value}`);
  return [...notReady, ...unknown, ...beyond];
}
