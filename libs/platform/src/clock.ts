/** Time inside the process. What must be the same for every replica asks the database: `serviceNow`. */
export interface Clock {
  now(): Date;
}

/** Inject with `@Inject(CLOCK)`. */
export const CLOCK = Symbol('Clock');

export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }
}
