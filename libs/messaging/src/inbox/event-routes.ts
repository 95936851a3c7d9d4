import { consumers, type EventContract } from '@cahier/contracts';
import type { EventContext } from './on-event.js';

/** One handler of one type. */
export interface EventHandler {
  /** Whether it takes the consecutive events of its type in one call. */
  readonly batch: boolean;
  readonly invoke: (payload: unknown, context: EventContext) => Promise<void>;
}

/** Which types a service handles, with which handlers; the promise in `libs/contracts` and the code that keeps it. */
export class EventRoutes {
  private readonly handled: ReadonlyMap<string, EventContract>;
  private readonly handlers = new Map<string, EventHandler[]>();

  constructor(private readonly service: string) {
    const contracts = Object.values(consumers[service] ?? {}).flatMap(({ handled }) => handled);
    this.handled = new Map(contracts.map((contract) => [contract.type, contract]));
  }

  /** Names of the topics to read, without the environment's prefix. */
  get topics(): string[] {
    return Object.keys(consumers[this.service] ?? {});
  }

  add(type: string, handler: EventHandler): void {
    this.handlers.set(type, [...this.of(type), handler]);
  }

  /** In the order in which they were added. */
  of(type: string): readonly EventHandler[] {
    return this.handlers.get(type) ?? [];
  }

  /** Only where the type may appear: one that arrives on another's topic is ignored. */
  contractOf(topic: string, type: string): EventContract | undefined {
    const contract = this.handled.get(type);
    return contract?.topic.name === topic ? contract : undefined;
  }

  /** @throws Error naming the types, unless exactly the declared ones have a handler: a misspelt type would be ignored for ever. */
  check(): void {
    const surplus = [...this.handlers.keys()].filter((type) => !this.handled.has(type));
    const missing = [...this.handled.keys()].filter((type) => !this.handlers.has(type));
    const problems = [
      ...(surplus.length > 0 ? [`handlers of types that are not declared: ${surplus.join(', ')}`] : []),
      ...(missing.length > 0 ? [`declared types without a handler: ${missing.join(', ')}`] : []),
    ];
    if (problems.length > 0) throw new Error(`The handlers of ${this.service} are not those that consumers.ts of @cahier/contracts declares: ${problems.join('; ')}`);
  }
}
