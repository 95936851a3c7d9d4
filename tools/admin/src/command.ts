import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { findPlace, type Place, type ServiceName, serviceNames, type Where } from './place.js';
import { EXIT, type ExitCode } from './problems.js';
import { StaffApi } from './staff-api.js';
import { confirm, type Terminal } from './terminal.js';

/** What a command found or did. */
export interface Outcome {
  /** With `--json`, and the promise to scripts. */
  readonly data: unknown;
  /** For people. */
  readonly text: string;
  /** Whether what was looked at is not as it should be: the command then ends with 1, or with the code given. */
  readonly anomaly?: boolean | ExitCode;
}

/** What a command works with. */
export interface Session {
  readonly api: StaffApi;
  readonly place: Place;
  /** Asks before what cannot be undone. */
  readonly confirm: (consequence: string) => Promise<void>;
  /** A word on the way, for people only. */
  readonly say: (text: string) => void;
}

interface Shared extends Where {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Runs the body of one command, prints what came of it, and leaves the exit code in `ended`. */
export class Commands {
  ended: ExitCode = EXIT.done;

  constructor(private readonly terminal: Terminal) {}

  /** @param work gets the command's arguments, then its options. */
  does<A extends unknown[]>(command: Command, work: (session: Session, ...given: A) => Promise<Outcome>): Command {
    return command.action(async (...all: unknown[]) => {
      const { json = false, yes = false, against, tokenFile } = command.optsWithGlobals<Shared>();
      const place = await findPlace({ against, tokenFile }, this.terminal.environment);
      const session: Session = {
        place,
        api: new StaffApi(place),
        confirm: (consequence) => confirm(this.terminal, consequence, yes),
        say: (text) => { if (!json) this.terminal.err(text); },
      };
      // The last thing that commander hands over is the command itself.
      const { data, text, anomaly = false } = await work(session, ...(all.slice(0, -1) as A));
      this.terminal.out(json ? JSON.stringify(data, undefined, 2) : text);
      this.ended = anomaly === true ? EXIT.anomaly : anomaly === false ? EXIT.done : anomaly;
    });
  }
}

const serviceOf = (text: string): ServiceName => {
  const name = serviceNames.find((known) => known === text || known === `${text}-service`);
  if (name === undefined) throw new InvalidArgumentError(`One of ${serviceNames.join(', ')}; "-service" may be left out.`);
  return name;
};

const idOf = (text: string): string => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new InvalidArgumentError('An id such as 0190a6c2-7d5e-7c3a-9f10-2b6f0c1d2e3f.');
  return text.toLowerCase();
};

const limitOf = (text: string): number => {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('A number from 1.');
  return Number(text);
};

const sinceOf = (text: string): string => {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('An instant such as 2026-11-27 or 2026-11-27T03:00Z.');
  return at.toISOString();
};

export const service = (required = true): Argument => new Argument(required ? '<service>' : '[service]', serviceNames.join(', ')).argParser(serviceOf);
export const id = (of: string, required = true): Argument => new Argument(required ? '<id>' : '[id]', `of ${of}`).argParser(idOf);
export const campaign = (): Option => new Option('--campaign <id>', 'of this campaign only').argParser(idOf);
export const limit = (most: number): Option => new Option('--limit <n>', 'how many at most').argParser(limitOf).default(most);
export const since = (): Option => new Option('--since <instant>', 'from this instant on').argParser(sinceOf);
export const cursor = (): Option => new Option('--cursor <cursor>', 'of the next page, as the page before says');
