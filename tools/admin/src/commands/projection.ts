import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Commands, Outcome, Session } from '../command.js';
import { statusOf } from '../status.js';
import { tellAgain } from './republish.js';

/** Who tells what the projections are made of. */
const TELLERS = ['campaign-service', 'contribution-service'] as const;
const LOOK_MS = 2_000;

/** `admin projection …` */
export function projection(program: Command, commands: Commands): void {
  const noun = program.command('projection').description('the copies that reporting-service makes figures and reports of');
  const rebuild = noun
    .command('rebuild')
    .description('empty the copies and make them anew from the facts of campaign-service and contribution-service; services go on running')
    .option('--no-wait', 'do not wait until all is heard')
    .option('--yes', 'without asking');
  commands.does(rebuild, async (session, { wait }: { wait: boolean }): Promise<Outcome> => {
    await session.confirm('Until every fact is heard again, figures and interim reports are incomplete and closing reports wait. Published reports stay.');
    // While they can be asked for it: emptied, the projections need both.
    for (const name of TELLERS) await statusOf(session.api, name);
    await session.api.post('reporting-service', '/staff/projections/empty', z.undefined());
    session.say('The projections are empty.');
    const facts: Record<string, number> = {};
    for (const name of TELLERS) {
      facts[name] = await tellAgain(session, name);
      session.say(`${name} tells ${facts[name]} facts again.`);
    }
    if (wait) await untilHeard(session);
    return { data: { facts, heard: wait }, text: wait ? 'Everything is heard: the projections are whole again.' : 'Everything is on its way. `admin status` shows what waits.' };
  });
}

async function untilHeard({ api, say }: Session): Promise<void> {
  for (let before = ''; ; await sleep(LOOK_MS)) {
    const outboxes = await Promise.all(TELLERS.map(async (name) => (await statusOf(api, name)).figures['outbox-age-seconds']));
    const lag = (await statusOf(api, 'reporting-service')).figures['consumer-lag-messages'];
    const unsaid = outboxes.some((age) => age !== 0);
    if (!unsaid && lag === 0) return;
    const now = `${unsaid ? 'Facts wait in the outboxes; ' : ''}${lag ?? 'an unknown number of'} messages are not handled yet.`;
    if (now !== before) say(now);
    before = now;
  }
}
