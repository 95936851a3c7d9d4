import { setTimeout as sleep } from 'node:timers/promises';

/** Does one thing again and again, never twice at once: immediately while there is work, else after a pause. */
export class Repeated {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /**
   * @param step does a piece of work; whether there was any.
   * @param pauseMs between looks, in milliseconds.
   */
  constructor(private readonly step: () => Promise<boolean>, private readonly pauseMs: number, private readonly onError: (error: unknown) => void) {}

  start(): void {
    this.running = this.run();
  }

  /** Resolves when the step in hand has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pause = await this.step().then((worked) => (worked ? 0 : this.pauseMs), (error: unknown) => {
        this.onError(error);
        return this.pauseMs * 4;
      });
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}
