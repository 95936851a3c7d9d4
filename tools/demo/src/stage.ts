import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { staffToken, startServices, startStack, throwAwayFolder, type ServiceName, type Services, type Stack } from '@cahier/local-stack';
import { Api } from './http/api.js';
import { Client } from './http/client.js';

/** What the story needs of a system, be it started for it or run by somebody else. */
export interface Reached {
  readonly services: Readonly<Record<ServiceName, { readonly url: string }>>;
  readonly stack: { readonly mail: { readonly webUrl: string } };
  readonly client: Client;
  readonly anyone: Api;
  readonly manager: Api;
  readonly analyst: Api;
}

/** The whole system, started for one story and thrown away after it. */
export interface Stage extends Reached {
  readonly stack: Stack;
  readonly services: Services;
  readonly logFolder: string;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Where the services' logs go. */
  readonly logFolder: string;
  readonly log?: (line: string) => void;
  readonly env?: Partial<Record<ServiceName, Record<string, string>>>;
}

/** Starts servers and services and signs in, by code and PKCE as staff do. What was started is stopped when a later step fails. */
export async function openStage({ logFolder, log = () => undefined, env = {} }: StageOptions): Promise<Stage> {
  mkdirSync(logFolder, { recursive: true });
  const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder: await throwAwayFolder('demo'), throwAway: true, log });
  try {
    const services = await startServices(stack, { logFolder, log, env });
    const client = new Client();
    const [manager, analyst] = [await staffToken(stack, 'campaign-manager'), await staffToken(stack, 'analyst')];
    return {
      stack, services, logFolder, client,
      anyone: new Api(client),
      manager: new Api(client, manager),
      analyst: new Api(client, analyst),
      async close() {
        client.close();
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** A new folder `demo-<n>` for what a run leaves behind. */
export function runFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (let n = 1; ; n++) {
    const folder = join(parent, `demo-${n}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
