import { issuerAt, staffToken, type ServiceName, type StaffRole } from '@cahier/local-stack';
import { Api } from './http/api.js';
import { Client } from './http/client.js';
import type { Reached } from './stage.js';

/** The first word of each service's addresses at the entry (compose/entry/nginx.conf). */
const WORDS: Readonly<Record<ServiceName, string>> = { 'campaign-service': 'campagnes', 'contribution-service': 'contributions', 'notification-service': 'courriers', 'reporting-service': 'rapports' };

/** A system that somebody else runs, reached by its entry alone. */
export interface Deployment extends Reached {
  /** Sees who was written to. */
  readonly operator: Api;
  readonly admin: Api;
  close(): void;
}

export interface DeploymentPlace {
  /** Of its entry, without a trailing slash. */
  readonly address: string;
  /** Its mails go to made-up people: they must end in a catch-all. */
  readonly mailPage: string;
  /** Of an administrator; absent: signs in at the stand-in for an identity provider that docker-compose.yml brings. */
  readonly token?: string | undefined;
}

export async function openDeployment({ address, mailPage, token }: DeploymentPlace): Promise<Deployment> {
  const client = new Client();
  const as = async (role: StaffRole): Promise<Api> => new Api(client, token ?? (await staffToken({ oidc: { issuer: issuerAt(address) } }, role)));
  return {
    services: Object.fromEntries(Object.entries(WORDS).map(([name, word]) => [name, { url: `${address}/${word}` }])) as Record<ServiceName, { url: string }>,
    stack: { mail: { webUrl: mailPage } },
    client,
    anyone: new Api(client),
    manager: await as('campaign-manager'),
    analyst: await as('analyst'),
    operator: await as('mail-operator'),
    admin: await as('admin'),
    close: () => { client.close(); },
  };
}
