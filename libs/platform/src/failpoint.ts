import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the environment asks for: `FAILPOINTS="name=kill|throw|pause:<ms>|block:<ms>[@n],…"`. */
interface Failpoint {
  readonly action: string;
  /** Acts at this hit only; at each without it. */
  readonly at: number | undefined;
  hits: number;
}

const failpoints = new Map<string, Failpoint>(
  (process.env['FAILPOINTS'] ?? '').split(',').filter(Boolean).map((text) => {
    const [, name, action, at] = /^([a-z0-9-]+)=(kill|throw|pause:\d+|block:\d+)(?:@(\d+))?$/.exec(text) ?? [];
    if (name === undefined || action === undefined) throw new Error(`Not a fail point: ${text}`);
    return [name, { action, at: at === undefined ? undefined : Number(at), hits: 0 }];
  }),
);
const log = process.env['FAILPOINTS_LOG'];

/**
 * A narrow window where a crash is most likely to hurt. Does nothing unless the environment names it.
 * Each hit of a named one appends `name hit pid` to `FAILPOINTS_LOG`, so that a test can assert the moment.
 */
export async function failpoint(name: string): Promise<void> {
  const point = failpoints.get(name);
  if (!point) return;
  point.hits++;
  if (point.at !== undefined && point.at !== point.hits) return;
  if (log !== undefined) appendFileSync(log, `${name} ${point.hits} ${process.pid}\n`);
  if (point.action === 'kill') process.kill(process.pid, 'SIGKILL');
  if (point.action === 'throw') throw new Error(`Fail point ${name}`);
  if (point.action.startsWith('pause:')) await sleep(Number(point.action.slice('pause:'.length)));
  // The whole event loop with it, as a long computation does.
  if (point.action.startsWith('block:')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(point.action.slice('block:'.length)));
}
