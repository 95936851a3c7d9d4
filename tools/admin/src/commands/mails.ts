import type { Command } from 'commander';
import { z } from 'zod';
import { type Commands, cursor, id, limit, type Outcome } from '../command.js';
import { misused } from '../problems.js';
import { instant, table } from '../table.js';

const SERVICE = 'notification-service';
const dispatch = z.looseObject({ dispatchId: z.string(), mailingId: z.string(), kind: z.string(), recipient: z.string(), state: z.string(), attempts: z.number(), settledAt: z.string().nullable(), cause: z.string().nullable() });
const page = z.object({ items: z.array(dispatch), next: z.string().nullable() });
const swept = z.object({ mails: z.number() });

/** Ends that ask for a decision or a look; the many other mails are found by their mailing. */
const STATES = ['indeterminate', 'failed', 'expired', 'bounced'];
const NEED_SOMEBODY = ['indeterminate', 'failed'];

/** `admin mails …` */
export function mails(program: Command, commands: Commands): void {
  const noun = program.command('mails').description('mails, one row for each recipient');

  const list = noun.command('list').description('those that ask for a decision or a look, the oldest first; ends with 1 where some need somebody').option('--state <state>', STATES.join(', '), 'indeterminate').option('--decided', 'also those of unknown fate about which somebody has decided').addOption(limit(20)).addOption(cursor());
  commands.does(list, async ({ api }, { state, decided = false, limit, cursor }: { state: string; decided?: boolean; limit: number; cursor?: string }): Promise<Outcome> => {
    if (!STATES.includes(state)) throw misused(`--state takes ${STATES.join(', ')}.`);
    const data = await api.get(SERVICE, '/staff/dispatches', page, { state, ...(!decided && { decided: 'false' }), limit: Math.min(limit, 100), cursor });
    const rows = data.items.map(({ dispatchId, kind, recipient, attempts, settledAt, cause }) => [dispatchId, kind, recipient, String(attempts), instant(settledAt), cause ?? '–']);
    const text = rows.length === 0 ? `No mails are ${state}.` : table(['id', 'kind', 'recipient', 'attempts', 'settled', 'cause'], rows);
    return { data, text: data.next === null ? text : `${text}\nMore: --cursor ${data.next}`, anomaly: rows.length > 0 && NEED_SOMEBODY.includes(state) };
  });

  commands.does(noun.command('resend').description('send one of unknown fate again, under the same Message-ID').addArgument(id('the mail')).option('--yes', 'without asking'), async ({ api, confirm }, mail: string): Promise<Outcome> => {
    await confirm('If it did leave the first time, somebody gets it twice.');
    await api.post(SERVICE, `/staff/dispatches/${mail}/resend`, z.unknown());
    return { data: { dispatchId: mail, decision: 'resend' }, text: `Mail ${mail} is sent again.` };
  });

  commands.does(noun.command('leave').description('take one of unknown fate as sent').addArgument(id('the mail')), async ({ api }, mail: string): Promise<Outcome> => {
    await api.post(SERVICE, `/staff/dispatches/${mail}/leave`, z.unknown());
    return { data: { dispatchId: mail, decision: 'leave' }, text: `Mail ${mail} is left as it is.` };
  });

  commands.does(noun.command('sweep').description('try every mail that waits now, not when its pause is over: after the mail server or Redis was away'), async ({ api }): Promise<Outcome> => {
    const data = await api.post(SERVICE, '/staff/dispatches/sweep', swept);
    return { data, text: `${data.mails} mails are tried now.` };
  });
}
