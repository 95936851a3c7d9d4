import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from './ledger.js';
import { liveFolder } from './paths.js';
import { serviceNames, type ServiceName, type Stack } from './types.js';

/** One service as it was started last; it may have stopped since. */
export interface LiveService {
  readonly url: string;
  /** Complete, secrets included. */
  readonly env: Readonly<Record<string, string>>;
}

/** A system that this machine runs, for tools that operate it. */
export interface LiveSystem extends Pick<Stack<'oidc'>, 'oidc'> {
  readonly services: Readonly<Record<ServiceName, LiveService>>;
}

const fileOf = (folder: string): string => join(folder, 'services.json');

/** Writes down what services run with, for their owner's eyes only. */
export function noteServices(folder: string, environments: Readonly<Record<ServiceName, Readonly<Record<string, string>>>>): void {
  writeFileSync(fileOf(folder), JSON.stringify(environments), { mode: 0o600 });
}

/** @returns what the stack in `folder` runs; undefined when nothing does. */
export function liveSystem(folder = liveFolder): LiveSystem | undefined {
  const oidc = Ledger.read(folder)?.addresses.oidc;
  if (!oidc) return undefined;
  const environments = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Record<ServiceName, Record<string, string>>;
  return { oidc, services: Object.fromEntries(serviceNames.map((name) => [name, { url: environments[name].PUBLIC_URL!, env: environments[name] }])) as Record<ServiceName, LiveService> };
}
