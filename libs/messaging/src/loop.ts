/** How long to pause before the next step, in milliseconds; or that there is none. */
export type Next = number | 'done';

/** What waits for the broker is left behind when the service stops: others of its parts need time to end, too. */
export const STOP_WITHIN_MS = 4_000;

/** Runs a step again and again in the background, one at a time. The step reports its own failures: it must not throw. */
export class Loop {
  private running: Promise<void> | undefined;
  private stopping = false;
  private woken = false;
  private endPause: () => void = () => undefined;

  constructor(private readonly step: () => Promise<Next>) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the present pause, or drops the next one. */
  wake(): void {
    this.woken = true;
    this.endPause();
  }

  /** No further step begins; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endPause();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      const next = await this.step();
      if (next === 'done') return;
      if (!this.stopping && !this.woken) await this.pause(next);
    }
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** 100 ms, 200 ms, 400 ms … up to `most`, for the 1st, 2nd, 3rd failure in a row. */
export function backOff(failures: number, most: number): number {
  return Math.min(100 * 2 ** (failures - 1), most);
}
