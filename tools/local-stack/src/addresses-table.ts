import { table } from './command-line.js';
import type { StackAddresses } from './addresses.js';

/** The addresses a person wants to see. The database's has its password in it: it is on this machine only. */
export function addressesTable({ mail, oidc, postgres, kafka, redis }: Partial<StackAddresses>): string {
  return table([
    ...(mail ? [['Mails (catch-all)', mail.webUrl] as const] : []),
    ...(oidc ? [['Sign-in server', oidc.issuer] as const] : []),
    ...(postgres ? [['PostgreSQL', postgres.adminUrl] as const] : []),
    ...(kafka ? [['Kafka', kafka.brokers.join(',')] as const] : []),
    ...(redis ? [['Redis', redis.url] as const] : []),
  ]);
}
