import type { StackAddresses, StackPart } from './addresses.js';
import type { Durability } from './durability.js';
import type { Ledger } from './ledger.js';

export interface StackOptions<P extends StackPart = StackPart> {
  readonly parts: readonly P[];
  /** Data, logs and state live here. One stack per folder. */
  readonly folder: string;
  /** Servers may stop without saving, and `stop()` removes the folder. Default: false. */
  readonly throwAway?: boolean;
  /** Default: `local`. */
  readonly durability?: Durability;
  readonly log?: (line: string) => void;
}

/** A running stack with the parts that were asked for. */
export type Stack<P extends StackPart = StackPart> = Pick<StackAddresses, P> & {
  readonly folder: string;
  readonly durability: Durability;
  /** Of the processes started here, by name; servers reached by address or in containers have none. */
  readonly pids: Readonly<Record<string, number>>;
  /** What was started and has to be stopped, on disk. */
  readonly ledger: Ledger;
  /** Kills a server that runs as a local process and starts it again: same address, same data. @param process of several of a part, the one named so in `pids`. */
  restart(part: P, process?: string): Promise<void>;
  /** Stops what was started, services first, in an order that loses nothing. Safe to call twice. */
  stop(): Promise<void>;
  /** Lets everything go on when this process ends: `npm run stack -- down --folder …` stops it. */
  leaveRunning(): void;
};

export const serviceNames = ['campaign-service', 'contribution-service', 'notification-service', 'reporting-service'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface Service {
  readonly name: ServiceName;
  readonly url: string;
  /** Of the process that runs now; another after a restart. */
  readonly pid: number;
  /** How often it was started, restarts included. */
  readonly starts: number;
  /** The complete environment it runs with, secrets included. */
  readonly env: Readonly<Record<string, string>>;
  /** Sends the signal and returns once the process is gone (at once for SIGSTOP and SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again at the same address, with `env` added to what it had; stops it first if it still runs. Returns once it is ready. */
  restart(env?: Record<string, string>): Promise<void>;
  /** SIGTERM, and SIGKILL after 15 s. */
  stop(): Promise<void>;
}

export type Services<S extends ServiceName = ServiceName> = Record<S, Service> & { stop(): Promise<void> };

export interface ServicesOptions<S extends ServiceName = ServiceName> {
  /** Default: all four. */
  readonly only?: readonly S[];
  /** Added to the environment that is made for each service. */
  readonly env?: Partial<Record<ServiceName, Record<string, string>>>;
  /** Has the last word on a complete environment: to put a proxy between a service and a server, for example. */
  readonly place?: (name: ServiceName, env: Readonly<Record<string, string>>) => Record<string, string>;
  /** Each service appends its output to `<service>.log` here. */
  readonly logFolder: string;
  readonly log?: (line: string) => void;
}

/** One account per role in the local sign-in server. */
export const staffRoles = ['campaign-manager', 'moderator', 'analyst', 'steering-member', 'mail-operator', 'admin'] as const;
export type StaffRole = (typeof staffRoles)[number];
