import { backOff, continueTrace, describeFailure, DomainError, inSpan, inTrace } from '@cahier/platform';
import { Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { keepDeadLetter } from '../dead-letters/keep-dead-letter.js';
import { isPassing } from '../failure.js';
import type { MessagingMetrics } from '../messaging-metrics.js';
import { applyEvents } from './apply-events.js';
import type { EventRoutes } from './event-routes.js';
import type { Receipt } from './receipt.js';
import { readMessage, type IncomingEvent, type IncomingMessage } from './read-message.js';

/** How often one event is tried before it becomes a dead letter: some 1.5 s in all. */
const ATTEMPTS = 5;

/** Of messages that did not come from a partition. */
const NO_PARTITION = -1;

/**
 * At most one effect per event, and none dropped: each is handled, ignored (a type without handler), or kept as a dead letter.
 * A chunk is one transaction; only when that fails are its events handled one by one, so that a bad one fails no neighbour.
 */
export class EventConsumer {
  private readonly logger = new Logger(EventConsumer.name);
  private readonly firstGiven = Date.now() * 1_000;
  private given = 0;

  constructor(private readonly db: DataSource, private readonly routes: EventRoutes, private readonly metrics: MessagingMetrics) {}

  /**
   * Handles messages that somebody holds in hand: a test, an operator.
   * @param topic without the environment's prefix.
   * @throws as `handle` does.
   */
  async receive(topic: string, values: readonly (string | Buffer)[]): Promise<Receipt> {
    return this.handle(values.map((value) => ({ topic, partition: NO_PARTITION, offset: String(this.firstGiven + this.given++), value: Buffer.from(value) })));
  }

  /**
   * @param stayAlive called between attempts; throws when somebody else has taken over the partition.
   * @throws when something the events need is away (`isPassing`). The caller must not commit the offsets, and tries again:
   * what was handled before the failure is recognised.
   */
  async handle(messages: readonly IncomingMessage[], stayAlive: () => Promise<void> = async () => undefined): Promise<Receipt> {
    return inSpan(
      'consume chunk', undefined, () => this.handleChunk(messages, stayAlive),
      () => ({ kind: 'consumer', attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': messages[0]?.topic ?? '', 'messaging.batch.message_count': messages.length } }),
      ({ handled, duplicates, ignored, deadLetters }) => ({ 'cahier.events.handled': handled, 'cahier.events.duplicate': duplicates, 'cahier.events.ignored': ignored, 'cahier.events.dead_letter': deadLetters }),
    );
  }

  private async handleChunk(messages: readonly IncomingMessage[], stayAlive: () => Promise<void>): Promise<Receipt> {
    const readings = messages.map((message) => readMessage(message, (type) => this.routes.contractOf(message.topic, type)));
    const events = readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : []));
    const unreadable = readings.flatMap((reading) => (reading.kind === 'unreadable' ? [reading] : []));

    for (const { message, facts, cause } of unreadable) await this.keep(message, facts, cause, 0);
    const { handled, failed } = await this.handleEvents(events, stayAlive);

    const receipt = { handled, duplicates: events.length - handled - failed, ignored: messages.length - events.length - unreadable.length, deadLetters: unreadable.length + failed };
    this.metrics.received(receipt);
    return receipt;
  }

  private async handleEvents(events: readonly IncomingEvent[], stayAlive: () => Promise<void>): Promise<{ handled: number; failed: number }> {
    if (events.length > 1) {
      try {
        return { handled: await this.apply(events), failed: 0 };
      } catch (error) {
        if (isPassing(error)) throw error;
        this.logger.warn(`${events.length} events are handled one by one: ${describeFailure(error)}`);
      }
    }

    let handled = 0;
    let failed = 0;
    for (const event of events) {
      const outcome = await this.handleAlone(event, stayAlive);
      if (outcome === 'failed') failed++;
      else handled += outcome;
    }
    return { handled, failed };
  }

  /** @returns how many were new: 0 or 1. */
  private async handleAlone(event: IncomingEvent, stayAlive: () => Promise<void>): Promise<number | 'failed'> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.apply([event]);
      } catch (error) {
        if (isPassing(error)) throw error;
        // A rule that said no says no again.
        if (error instanceof DomainError || attempt === ATTEMPTS) {
          await this.keep(event.message, event, describeFailure(error), attempt);
          return 'failed';
        }
      }
      await sleep(backOff(attempt, 1_000));
      await stayAlive();
    }
  }

  private async apply(events: readonly IncomingEvent[]): Promise<number> {
    return this.db.transaction((tx) => applyEvents(tx, events, this.routes));
  }

  private async keep(message: IncomingMessage, facts: { id: string; type: string } | undefined, cause: string, attempts: number): Promise<void> {
    await keepDeadLetter(this.db, message, facts, cause, attempts);
    // Under the trace of what caused it, not of its neighbours in the chunk.
    inTrace(continueTrace(message.traceparent), () => { this.logger.error({ msg: 'A dead letter', type: facts?.type, topic: message.topic, partition: message.partition, offset: message.offset, cause, attempts }); });
  }
}
