import type { Subject } from '../export/subject.js';
import type { Query } from '../projections/campaign.queries.js';
import { COUNT_TIMELINE, type TimelineRow } from './timeline.statement.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Participation over time, in steps that suit the length of the campaign. */
export interface Timeline {
  /** Of the table's first column. */
  readonly unit: string;
  readonly caption: string;
  readonly bars: readonly { readonly label: string; readonly contributions: number; readonly addresses: number }[];
}

type Step = 'week' | 'day' | 'hour' | 'minute' | 'second';

const WORDS: Record<Step, { unit: string; caption: string; label: Intl.DateTimeFormatOptions }> = {
  week: { unit: 'Semaine du', caption: 'Contributions reçues par semaine', label: { day: 'numeric', month: 'short', year: 'numeric' } },
  day: { unit: 'Jour', caption: 'Contributions reçues par jour', label: { weekday: 'short', day: 'numeric', month: 'short' } },
  hour: { unit: 'Heure', caption: 'Contributions reçues par heure', label: { day: 'numeric', month: 'short', hour: '2-digit' } },
  minute: { unit: 'Minute', caption: 'Contributions reçues par minute', label: { hour: '2-digit', minute: '2-digit' } },
  second: { unit: 'Seconde', caption: 'Contributions reçues par seconde', label: { hour: '2-digit', minute: '2-digit', second: '2-digit' } },
};

/** So that a chart has neither three bars nor three hundred. */
function stepFor(ms: number): Step {
  if (ms > 120 * DAY) return 'week';
  if (ms > 3 * DAY) return 'day';
  if (ms > 3 * HOUR) return 'hour';
  return ms > 3 * 60_000 ? 'minute' : 'second';
}

/** From the opening to the cut-off or the closing, whichever is first. */
export async function readTimeline(query: Query, { order, campaign, zone }: Subject): Promise<Timeline> {
  const cutoff = new Date(order.cutoff);
  const from = campaign.opens_at ?? cutoff;
  const until = campaign.closes_at !== null && campaign.closes_at < cutoff ? campaign.closes_at : cutoff;
  const step = stepFor(until.getTime() - from.getTime());
  const rows = await query<TimelineRow>(COUNT_TIMELINE, [order.campaignId, cutoff, zone, step, from, until]);
  const { unit, caption, label } = WORDS[step];
  // The text is local time already: formatted as if it were UTC, no zone is applied twice.
  const format = new Intl.DateTimeFormat('fr-FR', { ...label, timeZone: 'UTC' });
  return { unit, caption, bars: rows.map((row) => ({ label: format.format(new Date(`${row.at}Z`)), contributions: row.contributions, addresses: row.distinct_addresses })) };
}
