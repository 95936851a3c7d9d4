import type { DataOf, EventContract } from '@cahier/contracts';
import { applyDecorators, Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { EntityManager } from 'typeorm';

/** What a handler gets beside the event's data. */
export interface EventContext {
  /** The transaction that also records the event as handled. Everything a handler writes goes through it. */
  readonly tx: EntityManager;
  /** Of a batch: its last event. */
  readonly event: EventFacts;
}

/** The envelope, without the data. */
export interface EventFacts {
  readonly id: string;
  readonly type: string;
  /** The topic's key: whose event it is. */
  readonly subject: string;
  /** Of the aggregate: 1, 2, 3 … per subject. A consumer may see gaps. */
  readonly version: number;
  readonly time: Date;
}

/** One of the events given to a batch handler. */
export interface ReceivedEvent<C extends EventContract = EventContract> {
  readonly id: string;
  readonly version: number;
  readonly time: Date;
  readonly data: DataOf<C>;
  /** Of what caused it: the handler's own trace is that of one of its events. */
  readonly traceparent?: string | undefined;
}

type Handles<Input> = <Method extends (input: Input, context: EventContext) => Promise<void>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<Method>) => void;

/** Nest would log a handler's error and pass on a word about it; retry and dead letter need the error itself. */
@Catch()
class PassOn implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

const reaction = (contracts: readonly EventContract[], batch: boolean) =>
  applyDecorators(EventPattern<string[]>(contracts.map(({ type }) => type), { batch }), UseFilters(PassOn));

/**
 * Marks a controller's method as the reaction to events of these types: one call per event, in the order of each key.
 * Parameters: `@Payload() data`, `@Ctx() context`.
 */
export function OnEvent<const C extends readonly EventContract[]>(...contracts: C): Handles<DataOf<C[number]>> {
  return reaction(contracts, false);
}

/**
 * As `OnEvent`, but consecutive events of the type come in one call, of each key only the highest version: what one
 * set-based statement needs. Parameters: `@Payload() events`, `@Ctx() context`.
 */
export function OnEventBatch<const C extends EventContract>(contract: C): Handles<ReceivedEvent<C>[]> {
  return reaction([contract], true);
}
