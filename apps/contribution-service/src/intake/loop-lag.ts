import type { OnModuleDestroy } from '@nestjs/common';

const PERIOD_MS = 100;

/** How late the event loop is. What is refused early costs least, and those already in the queue get their answer. */
export class LoopLag implements OnModuleDestroy {
  private expected = performance.now() + PERIOD_MS;
  private lag = 0;
  private readonly timer = setInterval(() => {
    const now = performance.now();
    this.lag = Math.max(0, now - this.expected);
    this.expected = now + PERIOD_MS;
  }, PERIOD_MS).unref();

  /** In milliseconds. */
  get ms(): number {
    return this.lag;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
