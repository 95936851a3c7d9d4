import { inSpan } from '@cahier/platform';
import type { EntityManager } from 'typeorm';
import { positionArrays, type TopicPosition } from '../recovery/topic-positions.js';
import type { EventRoutes } from './event-routes.js';
import type { IncomingEvent } from './read-message.js';

/**
 * Handles, inside `tx`, those of the events that this service has not handled before, and records them as handled.
 * One statement for the inbox, whatever their number.
 * @returns how many were new.
 */
export async function applyEvents(tx: EntityManager, events: readonly IncomingEvent[], routes: EventRoutes): Promise<number> {
  const fresh = await recordFresh(tx, events);
  for (const run of runs(fresh, (type) => routes.of(type).some(({ batch }) => batch))) await handleRun(tx, run, routes);
  return fresh.length;
}

/** The first of each id that the inbox does not know, in their order; and up to where the partition is handled. */
async function recordFresh(tx: EntityManager, events: readonly IncomingEvent[]): Promise<IncomingEvent[]> {
  // In order of id: two members of the group that hold the same events for a moment wait for each other, and do not deadlock.
  const recorded: { event_id: string }[] = await tx.query(
    `WITH reached AS (
       INSERT INTO topic_position (topic, partition, next_offset) SELECT * FROM unnest($2::text[], $3::integer[], $4::bigint[])
       ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset)
     INSERT INTO inbox (event_id) SELECT DISTINCT id FROM unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id`,
    [events.map(({ id }) => id), ...positionArrays(reached(events))],
  );
  const unhandled = new Set(recorded.map((row) => row.event_id));
  return events.filter(({ id }) => unhandled.delete(id));
}

/** Behind the last event of each partition; an event that an operator holds in hand lies in none. */
function reached(events: readonly IncomingEvent[]): TopicPosition[] {
  const last = new Map(events.filter(({ message }) => message.partition >= 0).map(({ message }) => [`${message.topic} ${message.partition}`, message]));
  return [...last.values()].map(({ topic, partition, offset }) => ({ topic, partition, nextOffset: BigInt(offset) + 1n }));
}

/** Cuts the events into calls: consecutive ones of a type together where a handler takes them so, every other alone. */
export function* runs(events: readonly IncomingEvent[], together: (type: string) => boolean): Generator<IncomingEvent[]> {
  let run: IncomingEvent[] = [];
  for (const event of events) {
    if (run.length > 0 && (run[0]!.type !== event.type || !together(event.type))) {
      yield run;
      run = [];
    }
    run.push(event);
  }
  if (run.length > 0) yield run;
}

/** Of each key the highest version, in the order in which the keys appeared. */
export function highestVersions(run: readonly IncomingEvent[]): IncomingEvent[] {
  const byKey = new Map<string, IncomingEvent>();
  for (const event of run) if (event.version > (byKey.get(event.subject)?.version ?? 0)) byKey.set(event.subject, event);
  return [...byKey.values()];
}

async function handleRun(tx: EntityManager, run: readonly IncomingEvent[], routes: EventRoutes): Promise<void> {
  for (const { batch, invoke } of routes.of(run[0]!.type)) {
    if (batch) {
      const events = highestVersions(run);
      await inTraceOf(events.at(-1)!, (event) => invoke(events.map(({ id, version, time, data, message: { traceparent } }) => ({ id, version, time, data, traceparent })), { tx, event }), events);
    } else {
      for (const each of run) await inTraceOf(each, (event) => invoke(each.data, { tx, event }));
    }
  }
}

/** What a handler says in turn, and what it logs, belongs to what caused the event. */
async function inTraceOf(event: IncomingEvent, handle: (event: IncomingEvent) => Promise<void>, together: readonly IncomingEvent[] = [event]): Promise<void> {
  await inSpan(`handle ${event.type}`, event.message.traceparent ?? null, () => handle(event), () => ({
    kind: 'consumer',
    attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': event.message.topic, 'messaging.batch.message_count': together.length },
    links: together.filter((one) => one !== event).map(({ message: { traceparent } }) => traceparent),
  }));
}
