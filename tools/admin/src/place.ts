import { readFileSync } from 'node:fs';
import { away, misused } from './problems.js';

/** First word of each service's address behind the entry of docker-compose.yml. */
const WORDS = { 'campaign-service': 'campagnes', 'contribution-service': 'contributions', 'notification-service': 'courriers', 'reporting-service': 'rapports' } as const;

export type ServiceName = keyof typeof WORDS;
export const serviceNames = Object.keys(WORDS) as ServiceName[];

/** A system to administer. */
export interface Place {
  /** Without a trailing slash. */
  url(service: ServiceName): string;
  /** An access token of an administrator. @throws AdminProblem. */
  token(): Promise<string>;
  /** What the service runs with, where that is known: on this machine only. */
  environment(service: ServiceName): Readonly<Record<string, string>> | undefined;
}

export interface Where {
  /** Address of an entry that knows all services. */
  readonly against?: string | undefined;
  /** File that holds a token. */
  readonly tokenFile?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The system behind `--against` or CAHIER_ENTRY; else at CAHIER_CAMPAIGN_SERVICE_URL and its sisters; else the one that `npm start` runs here.
 * The token is that of `--token-file` or CAHIER_TOKEN; on this machine, without either, an administrator signs in.
 */
export async function findPlace({ against, tokenFile }: Where, environment: Environment): Promise<Place> {
  // An empty variable is none.
  const entry = against ?? (environment.CAHIER_ENTRY || undefined);
  const given = tokenFile === undefined ? environment.CAHIER_TOKEN?.trim() || undefined : readToken(tokenFile);
  const remote = entry === undefined ? named(environment) : behind(entry);
  if (remote === undefined) return live(given);
  return {
    url: remote,
    environment: () => undefined,
    token: async () => {
      if (given === undefined) throw misused('No token. Sign in with your identity provider, then give the access token by CAHIER_TOKEN or --token-file.');
      return given;
    },
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw misused(`No token can be read from ${file}.`);
  }
}

function behind(entry: string): (service: ServiceName) => string {
  if (!URL.canParse(entry)) throw misused(`${entry} is no address.`);
  return (service) => new URL(WORDS[service], entry.endsWith('/') ? entry : `${entry}/`).href;
}

function named(environment: Environment): ((service: ServiceName) => string) | undefined {
  const variable = (service: ServiceName): string => `CAHIER_${service.toUpperCase().replace('-', '_')}_URL`;
  const missing = serviceNames.filter((service) => environment[variable(service)] === undefined);
  if (missing.length === serviceNames.length) return undefined;
  if (missing.length > 0) throw misused(`Also set ${missing.map(variable).join(', ')}.`);
  return (service) => environment[variable(service)]!.replace(/\/$/, '');
}

/** Loaded when it is needed: where this runs in a cluster, no local stack is installed. */
async function live(given: string | undefined): Promise<Place> {
  const { liveSystem, staffToken } = await import('@cahier/local-stack').catch(() => {
    throw misused('Which system? Give its entry by --against or CAHIER_ENTRY, or the address of each service.');
  });
  const system = liveSystem();
  if (!system) throw away('Nothing runs here. Start the system with `npm start`, or give the address of another one by --against.');
  return {
    url: (service) => system.services[service].url,
    environment: (service) => system.services[service].env,
    token: async () => given ?? staffToken(system, 'admin').catch((error: unknown) => { throw away(`The sign-in server does not answer: ${(error as Error).message}`); }),
  };
}
