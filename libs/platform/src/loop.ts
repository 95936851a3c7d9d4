/** How long to pause before the next step, in milliseconds; or that there is none. */
export type Next = number | 'done';

/** Runs a step again and again in the background, one at a time: at once, then after the pause that each asks for. */
export class Loop {
  private running: Promise<void> | undefined;
  private ending = false;
  private woken = false;
  private endPause: () => void = () => undefined;

  /** @param onFailure says what comes after a step that threw; it must not throw itself. */
  constructor(private readonly step: () => Promise<Next>, private readonly onFailure: (error: unknown) => Next = rethrow) {}

  /** Whether it was told to stop: a long step may end early. */
  get stopping(): boolean {
    return this.ending;
  }

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
    this.ending = true;
    this.endPause();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.ending) {
      this.woken = false;
      const next = await this.step().catch(this.onFailure);
      if (next === 'done') return;
      if (!this.ending && !this.woken) await this.pause(next);
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

/** A step without a handler reports its own failures: one that throws all the same ends the process, rather than the loop in silence. */
function rethrow(error: unknown): never {
  throw error;
}

/** 100 ms, 200 ms, 400 ms … up to `most`, for the 1st, 2nd, 3rd failure in a row. */
export function backOff(failures: number, most: number): number {
  return Math.min(100 * 2 ** (failures - 1), most);
}
