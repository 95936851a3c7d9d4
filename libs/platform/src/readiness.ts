import { Injectable } from '@nestjs/common';

type Check = () => Promise<void>;

/** Whether this process should be given work: every part adds what it needs. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>();
  private stopping = false;

  /** @param check throws while the part cannot work; within 2 s, or it counts as failed. */
  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** From now on the process finishes what it has and wants no more. */
  stop(): void {
    this.stopping = true;
  }

  /** Part → `up` or `down`; causes are for the log, not for whoever asks. */
  async report(): Promise<{ ready: boolean; parts: Record<string, 'up' | 'down'> }> {
    const parts = Object.fromEntries(await Promise.all([...this.checks].map(async ([name, check]) => [name, await this.passes(check)] as const)));
    return { ready: !this.stopping && Object.values(parts).every((state) => state === 'up'), parts };
  }

  private async passes(check: Check): Promise<'up' | 'down'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'down'>((resolve) => { timer = setTimeout(() => resolve('down'), 2_000); });
    const outcome = check().then(() => 'up' as const, () => 'down' as const);
    return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
  }
}
