import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Receipt } from './inbox/receipt.js';
import { openDeadLetters } from './dead-letters/open-dead-letters.js';
import { outboxAgeMs } from './outbox/outbox-age.js';

/** While the database is away the other metrics are still told. */
const unknown = () => NaN;

/** What an operator watches: is anything waiting to be said, waiting to be heard, or given up? */
export class MessagingMetrics {
  private readonly batchEvents: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly events: Counter<'outcome'>;
  private readonly lag: Gauge<'topic' | 'partition'>;

  constructor(registry: Registry, db: DataSource) {
    const registers = [registry];
    this.batchEvents = new Histogram({ name: 'cahier_relay_batch_events', help: 'Events handed to Kafka in one send; the sum is all that were.', buckets: [1, 5, 10, 50, 100, 250, 500], registers });
    this.batchSeconds = new Histogram({ name: 'cahier_relay_batch_seconds', help: 'One send, from reading the outbox to marking it.', buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30], registers });
    this.events = new Counter({ name: 'cahier_inbox_events_total', help: 'Messages received, by what became of them.', labelNames: ['outcome'], registers });
    this.lag = new Gauge({ name: 'cahier_consumer_lag_messages', help: 'Messages of the partition that were not handled when its last chunk was.', labelNames: ['topic', 'partition'], registers });
    new Gauge({
      name: 'cahier_outbox_age_seconds',
      help: 'Age of the oldest event that Kafka has not got; 0 when there is none.',
      registers,
      async collect() {
        this.set(await outboxAgeMs(db).then((ms) => ms / 1_000, unknown));
      },
    });
    new Gauge({
      name: 'cahier_dead_letters',
      help: 'Dead letters that wait for an operator.',
      registers,
      async collect() {
        this.set(await openDeadLetters(db).catch(unknown));
      },
    });
  }

  hasPublished(events: number, seconds: number): void {
    this.batchEvents.observe(events);
    this.batchSeconds.observe(seconds);
  }

  received({ handled, duplicates, ignored, deadLetters }: Receipt): void {
    for (const [outcome, count] of Object.entries({ handled, duplicate: duplicates, ignored, 'dead-letter': deadLetters })) this.events.inc({ outcome }, count);
  }

  /** The partitions were dealt out anew: others tell of those we had. */
  forgetLags(): void {
    this.lag.reset();
  }

  lags(topic: string, partition: number, messages: number): void {
    this.lag.set({ topic, partition: String(partition) }, messages);
  }
}
