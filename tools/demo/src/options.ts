import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run demo -- [--seconds N] [--keep] [--json] [--against ADDRESS [--mail-page ADDRESS] [--notice N]]
  --seconds N  how long the replay of the 23 days takes (default: 20)
  --keep       leaves everything running at the end and says how to look around; Ctrl-C stops it
  --json       prints the result as JSON and nothing else
  --against    plays in a system that runs already, such as http://localhost:8080, and checks what can be seen from outside
  --mail-page  where that system's mail catch-all shows its mails (default: port 8081 of the same host)
  --notice N   its WINDOW_CHANGE_NOTICE_SECONDS (default: 2)
A system with its own identity provider: an administrator's access token in the variable CAHIER_TOKEN.`;

export interface Options {
  readonly seconds: number;
  readonly keep: boolean;
  readonly json: boolean;
  readonly noticeMs: number;
  /** Absent: a system is started for the story. */
  readonly against?: { readonly address: string; readonly mailPage: string };
}

const switches = {
  seconds: { type: 'string', default: '20' },
  keep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  against: { type: 'string' },
  'mail-page': { type: 'string' },
  notice: { type: 'string', default: '2' },
} as const;

/** @throws Error with the usage for anything that is not an option. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values: { seconds, keep, json, notice, against, 'mail-page': mailPage } } = parseArgs({ args: [...args], options: switches });
    const options = { seconds: numberOf('seconds', seconds, 1), noticeMs: numberOf('notice', notice, 0) * 1_000, keep, json };
    return against === undefined ? options : { ...options, against: { address: bare(new URL(against)), mailPage: bare(mailPage === undefined ? portOf(against, '8081') : new URL(mailPage)) } };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function numberOf(name: string, text: string, from: number): number {
  const number = Number(text);
  if (!(number >= from && number <= 3_600)) throw new Error(`--${name} takes a number from ${from} to 3600`);
  return number;
}

const bare = ({ href }: URL): string => href.replace(/\/$/, '');
const portOf = (address: string, port: string): URL => Object.assign(new URL('/', address), { port });
