import type { Relay } from '@cahier/messaging';
import { inSpan, type Metrics } from '@cahier/platform';
import type { Config } from '../config.js';
import { IntakeQueue } from './intake-queue.js';
import type { IntakeWriter } from './intake-writer.js';

/** The queue before the writer: measured, and waking the relay after each commit. */
export function createIntakeQueue(config: Config, writer: IntakeWriter, relay: Relay, metrics: Metrics): IntakeQueue {
  const rows = metrics.histogram('cahier_intake_batch_rows', 'Contributions decided in one statement.', [], [1, 2, 4, 8, 16, 32, 64, 128, 256]);
  const outcomes = metrics.counter('cahier_intake_outcomes_total', 'Contributions, by what the database decided.', ['outcome']);
  const limits = { maxRows: config.QUEUE_MAX_ROWS, maxBytes: config.QUEUE_MAX_BYTES, maxWait: config.MAX_QUEUE_WAIT_MS, maxExpectedWait: config.MAX_EXPECTED_WAIT_MS };
  const queue = new IntakeQueue(limits, async (filings) => {
    const decided = await inSpan('write intake batch', null, () => writer.write(filings), () => ({ attributes: { 'cahier.batch.rows': filings.length }, links: filings.map(({ row }) => row.traceparent) }));
    relay.wake();
    rows.observe(filings.length);
    for (const [outcome, alike] of Map.groupBy(decided, ({ outcome }) => outcome)) outcomes.inc({ outcome }, alike.length);
    return decided;
  });
  metrics.gauge('cahier_intake_queue_rows', 'Contributions between arrival and verdict.', [], (gauge) => { gauge.set(queue.depth); });
  return queue;
}
