import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Fail points that were reached, as a service writes them down. */
export class Moments {
  private seen: number;

  constructor(readonly log: string) {
    this.seen = this.lines().length;
  }

  reached(): boolean {
    return this.lines().length > this.seen;
  }

  /** Waits for the next hit of a fail point. @returns its name. */
  async next(timeoutMs = 40_000): Promise<string> {
    for (const start = performance.now(); ; await sleep(20)) {
      const line = this.lines()[this.seen];
      if (line !== undefined) {
        this.seen++;
        return line.split(' ')[0] ?? '';
      }
      if (performance.now() - start > timeoutMs) throw new Error(`Waited ${timeoutMs / 1_000} s for a fail point`);
    }
  }

  private lines(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').split('\n').filter(Boolean) : [];
  }
}
