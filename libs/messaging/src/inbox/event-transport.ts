import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { EventRoutes } from './event-routes.js';
import type { EventContext } from './on-event.js';
import type { Subscription } from './subscription.js';

/** Nest's way in: collects the handlers that `@OnEvent` marks, starts and stops the subscription with the application. */
export class EventTransport extends Server implements CustomTransportStrategy {
  /** The handlers' errors reach `EventConsumer`, which answers for them. */
  override readonly propagatesEventHandlerErrors = true;

  constructor(private readonly routes: EventRoutes, private readonly subscription: Subscription) {
    super();
  }

  /** @throws Error for a request-response handler: services do not call one another. */
  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    if (typeof pattern !== 'string' || !isEventHandler) throw new Error(`Only events have handlers here: ${String(pattern)}`);
    this.routes.add(pattern, {
      batch: extras['batch'] === true,
      invoke: async (payload: unknown, context: EventContext) => {
        const result: unknown = await callback(payload, context);
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      },
    });
  }

  /** Does not wait for the broker: a service serves without it. */
  listen(callback: () => void): void {
    if (this.routes.topics.length > 0) this.subscription.start();
    callback();
  }

  async close(): Promise<void> {
    await this.subscription.stop();
  }

  on(): never {
    throw new Error('The transport has no events of its own; see the metrics and the readiness.');
  }

  unwrap<T>(): T {
    return this.subscription as T;
  }
}
