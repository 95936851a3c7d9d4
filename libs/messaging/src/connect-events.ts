import { envelopeOf, type DataOf, type EventContract } from '@cahier/contracts';
import type { INestApplication } from '@nestjs/common';
import { EventConsumer } from './inbox/event-consumer.js';
import { EventRoutes } from './inbox/event-routes.js';
import { EventTransport } from './inbox/event-transport.js';
import type { Receipt } from './inbox/receipt.js';
import { isBrokerTrouble } from './kafka/client.js';
import { KnownTopics } from './recovery/known-topics.js';

const connected = new WeakSet<INestApplication>();

/**
 * Finds the application's `@OnEvent` handlers and starts to read their topics. Returns at once, also when the broker is away.
 * Guards, pipes and filters of HTTP do not apply to the handlers.
 * @throws Error naming the types, when the handlers are not those that the contracts declare for the service; DatabaseRestored,
 * before anything of the application runs, when Kafka remembers what its database does not.
 */
export async function connectEvents(app: INestApplication): Promise<void> {
  connectHandlers(app);
  app.get(EventRoutes).check();
  await requireKnownTopics(app);
  await app.init();
  await app.startAllMicroservices();
}

/** A broker that is away keeps no service from starting: relay and subscription ask again before they work. */
async function requireKnownTopics(app: INestApplication): Promise<void> {
  try {
    await app.get(KnownTopics).require();
  } catch (error) {
    if (!isBrokerTrouble(error)) throw error;
  }
}

/**
 * Handles one event as if it came from Kafka; for tests of a service, which need no `connectEvents`.
 * @param to the application, or the consumer of one whose handlers are connected.
 * @param at when the fact became true; an arbitrary fixed instant when it does not matter.
 */
export async function deliver<C extends EventContract>(to: INestApplication | EventConsumer, contract: C, data: DataOf<C>, version: number, at = new Date('2026-03-02T09:00:00.000Z')): Promise<Receipt> {
  if (!(to instanceof EventConsumer)) connectHandlers(to);
  const consumer = to instanceof EventConsumer ? to : to.get(EventConsumer);
  return consumer.receive(contract.topic.name, [JSON.stringify(envelopeOf(contract, data, version, at))]);
}

/** Without starting to read. */
export function connectHandlers(app: INestApplication): void {
  if (connected.has(app)) return;
  connected.add(app);
  // Without inheritAppConfig: a staff guard or the problem filter has nothing to say about an event.
  app.connectMicroservice({ strategy: app.get(EventTransport) });
}
