import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { projectFolder } from './schemas.js';

/** A service of docker-compose.yml, as far as the policies look at it. */
export interface ComposeService {
  readonly profiles?: readonly string[];
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: object;
  readonly cpu_shares?: number;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string; readonly pids?: number } } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The settings beside docker-compose.yml. */
export const settings = (): Readonly<Record<string, string>> => parseEnv(readFileSync(join(projectFolder, '.env'), 'utf8')) as Record<string, string>;

/** docker-compose.yml with the settings of `.env` in their places. @throws Error for a variable without a value. */
export function readCompose(): ComposeFile {
  const values = settings();
  const text = readFileSync(join(projectFolder, 'docker-compose.yml'), 'utf8').replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise?: string) => {
    const value = values[name] ?? otherwise;
    if (value === undefined) throw new Error(`${name} has no value in .env`);
    return value;
  });
  return parse(text, { merge: true }) as ComposeFile;
}

/** What a container breaks of our rules, one line each. */
export function carelessness(name: string, service: ComposeService): string[] {
  const { image, restart, read_only: readOnly, cap_drop: dropped = [], security_opt: options = [], healthcheck, deploy, logging } = service;
  const isOnce = restart === 'no';
  const tag = /:([^/@]+)$/.exec(image)?.[1];
  const broken: [boolean, string][] = [
    [tag === undefined || tag === 'latest', 'an image with a version'],
    // Its public image writes its settings into its own folders.
    [readOnly !== true && name !== 'kafka', 'read-only root file system'],
    [!dropped.includes('ALL'), 'no capabilities'],
    [!options.includes('no-new-privileges:true'), 'no new privileges'],
    [deploy?.resources?.limits?.memory === undefined || deploy.resources.limits.pids === undefined, 'limits of memory and processes'],
    [logging === undefined, 'logs that do not grow for ever'],
    [isOnce ? healthcheck?.disable !== true : healthcheck?.test === undefined, 'a health check, unless it runs once'],
  ];
  return broken.filter(([isBroken]) => isBroken).map(([, rule]) => `${name}: ${rule}`);
}
