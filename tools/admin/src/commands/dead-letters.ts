import type { Command } from 'commander';
import { z } from 'zod';
import { type Commands, cursor, id, limit, service, type Outcome, type Session } from '../command.js';
import type { ServiceName } from '../place.js';
import { AdminProblem, EXIT, misused } from '../problems.js';
import { instant, table } from '../table.js';

const deadLetter = z.object({
  deadLetterId: z.string(), topic: z.string(), partition: z.number(), offset: z.string(), eventId: z.string().nullable(), eventType: z.string().nullable(), bytes: z.number(), cause: z.string(),
  attempts: z.number(), state: z.string(), failedAt: z.string(), settledAt: z.string().nullable(), settledBy: z.string().nullable(), reason: z.string().nullable(),
});
type DeadLetter = z.infer<typeof deadLetter>;
const page = z.object({ deadLetters: z.array(deadLetter), nextCursor: z.string().optional() });

const PATH = '/staff/dead-letters';
const STATES = ['open', 'replayed', 'discarded', 'all'];

/** `admin dead-letters …` */
export function deadLetters(program: Command, commands: Commands): void {
  const noun = program.command('dead-letters').description('messages that a service could not handle');

  const list = noun.command('list').description('the oldest first; ends with 1 where some wait for a decision').addArgument(service()).option('--state <state>', STATES.join(', '), 'open').addOption(limit(20)).addOption(cursor());
  commands.does(list, async ({ api }, name: ServiceName, { state, limit, cursor }: { state: string; limit: number; cursor?: string }): Promise<Outcome> => {
    if (!STATES.includes(state)) throw misused(`--state takes ${STATES.join(', ')}.`);
    const data = await api.get(name, PATH, page, { state: state === 'all' ? undefined : state, limit: Math.min(limit, 100), cursor });
    const rows = data.deadLetters.map(({ deadLetterId, eventType, cause, attempts, state, failedAt }) => [deadLetterId, state, instant(failedAt), String(attempts), eventType ?? 'unreadable', cause]);
    const text = rows.length === 0 ? `No dead letters of ${name}${state === 'all' ? '' : ` are ${state}`}.` : table(['id', 'state', 'failed', 'attempts', 'event', 'cause'], rows);
    return { data, text: data.nextCursor === undefined ? text : `${text}\nMore: --cursor ${data.nextCursor}`, anomaly: data.deadLetters.some((letter) => letter.state === 'open') };
  });

  commands.does(noun.command('show').description('one, without its content, which may hold personal data').addArgument(service()).addArgument(id('the dead letter')), async ({ api }, name: ServiceName, letter: string): Promise<Outcome> => {
    const data = await api.get(name, `${PATH}/${letter}`, deadLetter);
    return { data, text: described(data) };
  });

  const replay = noun.command('replay').description('handle one again, or all that are open; once, whatever has happened since').addArgument(service()).addArgument(id('the dead letter', false)).option('--all', 'every one that is open, the oldest first');
  commands.does(replay, async (session, name: ServiceName, letter: string | undefined, { all = false }: { all?: boolean }): Promise<Outcome> => {
    if ((letter === undefined) !== all) throw misused('Name one dead letter, or say --all.');
    if (letter === undefined) return replayAll(session, name);
    const data = await session.api.post(name, `${PATH}/${letter}/replay`, deadLetter);
    return { data, text: `Handled: ${described(data)}` };
  });

  const discard = noun.command('discard').description('give one up, for good').addArgument(service()).addArgument(id('the dead letter')).requiredOption('--reason <text>', 'why it may be given up; stays with it').option('--yes', 'without asking');
  commands.does(discard, async ({ api, confirm }, name: ServiceName, letter: string, { reason }: { reason: string }): Promise<Outcome> => {
    const { eventType } = await api.get(name, `${PATH}/${letter}`, deadLetter);
    await confirm(`${name} will never handle this ${eventType ?? 'unreadable message'}.`);
    const data = await api.post(name, `${PATH}/${letter}/discard`, deadLetter, { reason });
    return { data, text: `Discarded: ${described(data)}` };
  });
}

/** One that fails again keeps nobody from the others. */
async function replayAll({ api, say }: Session, name: ServiceName): Promise<Outcome> {
  const replayed: string[] = [];
  const failedAgain: string[] = [];
  for (let next: string | undefined; ; ) {
    const { deadLetters, nextCursor } = await api.get(name, PATH, page, { state: 'open', limit: 100, cursor: next });
    for (const { deadLetterId } of deadLetters) {
      try {
        await api.post(name, `${PATH}/${deadLetterId}/replay`, deadLetter);
        replayed.push(deadLetterId);
      } catch (error) {
        if (!(error instanceof AdminProblem) || error.exitCode !== EXIT.anomaly) throw error;
        failedAgain.push(deadLetterId);
        say(`${deadLetterId}: ${error.message}`);
      }
    }
    next = nextCursor;
    if (next === undefined) break;
  }
  return { data: { replayed, failedAgain }, text: `${replayed.length} handled, ${failedAgain.length} failed again.`, anomaly: failedAgain.length > 0 };
}

function described({ deadLetterId, topic, partition, offset, eventId, eventType, bytes, cause, attempts, state, failedAt, settledAt, settledBy, reason }: DeadLetter): string {
  const settled = settledAt === null ? '' : `\n  settled    ${instant(settledAt)} by ${settledBy}${reason === null ? '' : `: ${reason}`}`;
  return `dead letter ${deadLetterId}
  state      ${state}
  event      ${eventType ?? 'unreadable'}${eventId === null ? '' : ` ${eventId}`}
  message    ${topic}, partition ${partition}, offset ${offset}, ${bytes} bytes
  failed     ${instant(failedAt)}, ${attempts} attempts
  cause      ${cause}${settled}`;
}
