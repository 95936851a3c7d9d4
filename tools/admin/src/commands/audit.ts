import { Option, type Command } from 'commander';
import { z } from 'zod';
import { campaign, type Commands, limit, since, type Outcome, type Session } from '../command.js';
import { type ServiceName, serviceNames } from '../place.js';
import { instant, table } from '../table.js';

const action = z.object({ at: z.string(), subject: z.string(), action: z.string(), targetId: z.string().nullable(), campaignId: z.string().nullable(), traceId: z.string().nullable() });
const page = z.object({ items: z.array(action), next: z.string().nullable() });
type Line = z.infer<typeof action> & { readonly service: ServiceName };

interface Filter {
  readonly campaign?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly limit: number;
}

/** `admin audit` */
export function audit(program: Command, commands: Commands): void {
  const verb = program.command('audit').description('what staff did, in every service, the latest first').addOption(campaign()).addOption(new Option('--subject <subject>', 'by this person only, as the access token names them')).addOption(since()).addOption(limit(50));
  commands.does(verb, async (session, filter: Filter): Promise<Outcome> => {
    const each = await Promise.all(serviceNames.map((service) => linesOf(session, service, filter)));
    const all = each.flatMap(({ lines }) => lines).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    const lines = all.slice(0, filter.limit);
    const more = all.length > lines.length || each.some(({ more }) => more);
    const text = lines.length === 0 ? 'Nothing.' : table(['at', 'who', 'what', 'to', 'service', 'trace'], lines.map(({ at, subject, action, targetId, service, traceId }) => [instant(at), subject, action, targetId ?? '–', service, traceId ?? '–']));
    return { data: { actions: lines, more }, text: more ? `${text}\nThere is more: --limit, or an earlier --since.` : text };
  });
}

async function linesOf({ api }: Session, service: ServiceName, { campaign: campaignId, subject, since, limit }: Filter): Promise<{ lines: Line[]; more: boolean }> {
  const lines: Line[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await api.get(service, '/staff/actions', page, { campaignId, subject, since, limit: Math.min(limit - lines.length, 100), cursor });
    lines.push(...items.map((item) => ({ ...item, service })));
    if (next === null || lines.length >= limit) return { lines, more: next !== null };
    cursor = next;
  }
}
