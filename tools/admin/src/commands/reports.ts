import type { Command } from 'commander';
import { z } from 'zod';
import { campaign, type Commands, cursor, id, limit, type Outcome } from '../command.js';
import { instant, table } from '../table.js';

const SERVICE = 'reporting-service';
const report = z.looseObject({ reportId: z.string(), campaignId: z.string(), kind: z.string(), number: z.string(), version: z.number(), state: z.string(), requestedAt: z.string(), publishedAt: z.string().nullable(), missing: z.number(), cause: z.string().nullable() });
const page = z.object({ items: z.array(report), next: z.string().nullable() });
const comparison = z.object({ outcome: z.enum(['identical', 'different', 'queued']), cause: z.string().nullable(), files: z.array(z.object({ name: z.string(), recorded: z.string(), stored: z.string().nullable(), madeAgain: z.string().nullable() })) });
type Comparison = z.infer<typeof comparison>;

const NEED_SOMEBODY = ['failed', 'mismatch'];

/** `admin reports …` */
export function reports(program: Command, commands: Commands): void {
  const noun = program.command('reports').description('closing and interim reports');

  const list = noun.command('list').description('the latest first; ends with 1 where one failed or is not what was sealed').addOption(campaign()).addOption(limit(20)).addOption(cursor());
  commands.does(list, async ({ api }, { campaign, limit, cursor }: { campaign?: string; limit: number; cursor?: string }): Promise<Outcome> => {
    const data = await api.get(SERVICE, '/staff/reports', page, { campaignId: campaign, limit: Math.min(limit, 100), cursor });
    const rows = data.items.map(({ reportId, number, version, kind, state, requestedAt, publishedAt, missing, cause }) => [reportId, `${number} v${version}`, kind, state, instant(requestedAt), instant(publishedAt), missing > 0 ? `${missing} contributions missing` : (cause ?? '–')]);
    const text = rows.length === 0 ? 'There are no reports.' : table(['id', 'number', 'kind', 'state', 'requested', 'published', 'remark'], rows);
    return { data, text: data.next === null ? text : `${text}\nMore: --cursor ${data.next}`, anomaly: data.items.some(({ state }) => NEED_SOMEBODY.includes(state)) };
  });

  commands.does(noun.command('compare').description('make a published report again and compare it with its manifest and with the store; ends with 1 on any difference').addArgument(id('the report')), async ({ api, say }, name: string): Promise<Outcome> => {
    say('Making it again …');
    const data = await api.post(SERVICE, `/staff/reports/${name}/compare`, comparison);
    return { data, text: compared(data), anomaly: data.outcome !== 'identical' };
  });

  commands.does(noun.command('rebuild').description('make a failed report once more; or put the files of a published one back into the store, where they come out the same').addArgument(id('the report')), async ({ api, say }, name: string): Promise<Outcome> => {
    say('Making it again …');
    const data = await api.post(SERVICE, `/staff/reports/${name}/rebuild`, comparison);
    return { data, text: data.outcome === 'queued' ? 'It is being made; `admin reports list` shows how it ends.' : compared(data), anomaly: data.outcome === 'different' };
  });
}

function compared({ outcome, cause, files }: Comparison): string {
  const rows = files.map(({ name, recorded, stored, madeAgain }) => [name, recorded.slice(0, 16), verdict(stored, recorded), verdict(madeAgain, recorded)]);
  const why = cause === null ? '' : `\nIt could not be made again: ${cause}`;
  return `${table(['file', 'sha-256 recorded', 'in the store', 'made again'], rows)}\n${outcome === 'identical' ? 'Identical.' : 'Different.'}${why}`;
}

const verdict = (found: string | null, recorded: string): string => (found === null ? 'missing' : found === recorded ? 'the same' : `${found.slice(0, 16)} !`);
