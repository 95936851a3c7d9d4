import { fileURLToPath } from 'node:url';
import type { Intake } from './contribution-service.js';
import { runProgram } from './processes.js';

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const filings = ({ server, campaignId }: Intake): string => `${server.url}/campaigns/${campaignId}/contributions`;

/** As many as the service takes: 64 connections, each sends again when it was answered. @returns contributions per second. @throws Error for any other reply than 201, or when there are not as many rows. */
export async function saturate(intake: Intake, seconds: number): Promise<number> {
  const before = await stored(intake);
  const load = JSON.parse(await runProgram(program('./intake/load.program.js'), [filings(intake), '64', String(seconds)])) as { seconds: number; statuses: Record<string, number> };
  if (Object.keys(load.statuses).join() !== '201') throw new Error(`Not only 201: ${JSON.stringify(load.statuses)}`);
  const rows = (await stored(intake)) - before;
  if (rows !== load.statuses['201']) throw new Error(`${rows} rows for ${JSON.stringify(load.statuses)}`);
  return load.statuses['201'] / load.seconds;
}

export interface OpenLoop {
  /** How long the sending took: longer than asked for means that the generator was the bottleneck. */
  readonly sentIn: number;
  /** Until the last reply. */
  readonly answeredIn: number;
  /** Replies by status; `none`: the connection was lost or nothing came for 30 s. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Refusals (429 and above) that do not say when to come back. */
  readonly withoutRetryAfter: number;
  /** Of the accepted ones, from the instant at which each should have left, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** So many per second, come what may. */
export async function arrive(intake: Intake, perSecond: number, seconds: number): Promise<OpenLoop> {
  return JSON.parse(await runProgram(program('./overload/open-loop.program.js'), [filings(intake), String(Math.round(perSecond)), String(seconds)])) as OpenLoop;
}

export async function stored({ db }: Intake): Promise<number> {
  return Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM contribution')).rows[0]!.n);
}
