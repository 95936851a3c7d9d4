import { cpus, loadavg, release, totalmem } from 'node:os';

/** What a reader of the figures must know of the machine; nothing that names it. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly postgresql: string;
}

export function machine(): Machine {
  const all = cpus();
  return { cores: all.length, cpu: all[0]?.model.trim() ?? 'unknown', memoryGib: Math.round(totalmem() / 2 ** 30), kernel: release(), node: process.version, postgresql: '18.4' };
}

/** Over the last minute: above the number of cores, somebody else was working too. */
export const load = (): string => loadavg()[0]!.toFixed(1);
