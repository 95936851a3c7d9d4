import type { StackAddresses } from './addresses.js';

/** The addresses a person wants to see, for `table`. The database's has its password in it: it is on this machine only. */
export function addressRows({ mail, oidc, postgres, kafka, redis }: Partial<StackAddresses>): [string, string][] {
  const rows: [string, string | undefined][] = [
    ['Mails (catch-all)', mail?.webUrl],
    ['Sign-in server', oidc?.issuer],
    ['PostgreSQL', postgres?.adminUrl],
    ['Kafka', kafka?.brokers.join(',')],
    ['Redis', redis?.url],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}
