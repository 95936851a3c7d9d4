import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run faults -- [F2 F11 …] [--list] [--minutes N] [--kill-loop REQUESTS] [--seed S]
  F2 F11 …              these scenarios only (default: all)
  --list                names the scenarios
  --minutes N           a random mixture of faults for so long
  --kill-loop REQUESTS  kills a service, the broker, PostgreSQL or Redis every few seconds until so many requests were answered
  --seed S              a whole number; the same seed gives the same faults (default: drawn, and printed)`;

export interface Options {
  readonly ids: readonly string[];
  readonly list: boolean;
  readonly minutes: number | undefined;
  readonly killLoop: number | undefined;
  readonly seed: number;
}

/** @throws Error with the usage for anything that is not an option. */
export function readOptions(args: readonly string[], drawSeed: () => number): Options {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { list: { type: 'boolean', default: false }, minutes: { type: 'string' }, 'kill-loop': { type: 'string' }, seed: { type: 'string' } } });
    const number = (name: 'minutes' | 'kill-loop' | 'seed', most: number, fits: (n: number) => boolean): number | undefined => {
      if (values[name] === undefined) return undefined;
      const n = Number(values[name]);
      if (!fits(n) || n > most) throw new Error(`--${name} takes a number up to ${most}`);
      return n;
    };
    return {
      ids: positionals.map((id) => id.toUpperCase()), list: values.list,
      minutes: number('minutes', 24 * 60, (n) => n > 0),
      killLoop: number('kill-loop', 10_000_000, (n) => Number.isInteger(n) && n > 0),
      seed: number('seed', 2 ** 31, (n) => Number.isInteger(n) && n >= 0) ?? drawSeed(),
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
