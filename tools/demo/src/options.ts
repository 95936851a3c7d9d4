import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run demo -- [--seconds N] [--keep] [--json]
  --seconds N  how long the replay of the 23 days takes (default: 20)
  --keep       leaves everything running at the end and says how to look around; Ctrl-C stops it
  --json       prints the result as JSON and nothing else`;

export interface Options {
  readonly seconds: number;
  readonly keep: boolean;
  readonly json: boolean;
}

/** @throws Error with the usage for anything that is not an option. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({ args: [...args], options: { seconds: { type: 'string', default: '20' }, keep: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
    const seconds = Number(values.seconds);
    if (!(seconds >= 1 && seconds <= 3_600)) throw new Error('--seconds takes a number from 1 to 3600');
    return { ...values, seconds };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
