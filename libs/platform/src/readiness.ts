import { Injectable, Logger } from '@nestjs/common';
import { within } from './within.js';

type Check = () => Promise<void>;

const ANSWER_WITHIN_MS = 2_000;

/** Whether this process should be given work: every part adds what it needs. */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);
  private readonly checks = new Map<string, Check>();
  private readonly down = new Set<string>();
  private stopping = false;

  /** @param check throws while the part cannot work; within 2 s, or it counts as failed. */
  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** From now on the process finishes what it has and wants no more. */
  stop(): void {
    this.stopping = true;
  }

  /** Part → `up` or `down`; causes are for the log, once, not for whoever asks. */
  async report(): Promise<{ ready: boolean; parts: Record<string, 'up' | 'down'> }> {
    const parts = Object.fromEntries(await Promise.all([...this.checks].map(async ([name, check]) => [name, await this.passes(name, check)] as const)));
    return { ready: !this.stopping && Object.values(parts).every((state) => state === 'up'), parts };
  }

  private async passes(name: string, check: Check): Promise<'up' | 'down'> {
    try {
      await within(ANSWER_WITHIN_MS, check());
      if (this.down.delete(name)) this.logger.log(`${name} is up again`);
      return 'up';
    } catch (error) {
      if (!this.down.has(name)) this.logger.warn(`${name} is down: ${error instanceof Error ? error.message : String(error)}`);
      this.down.add(name);
      return 'down';
    }
  }
}
