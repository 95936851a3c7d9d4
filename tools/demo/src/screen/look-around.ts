import { serviceNames } from '@cahier/local-stack';
import type { Stage } from '../stage.js';

/** What `--keep` says. */
export function lookAround({ stack, services, logFolder }: Stage): string {
  return [
    '', 'Everything still runs:',
    ...serviceNames.map((name) => `  ${name.padEnd(21)} ${services[name].url}/api`),
    `  ${'mails'.padEnd(21)} ${stack.mail.webUrl}`,
    `  ${'PostgreSQL'.padEnd(21)} ${stack.postgres.adminUrl}`,
    `  ${'Kafka'.padEnd(21)} ${stack.kafka.brokers.join(', ')}`,
    `  ${'logs'.padEnd(21)} ${logFolder}`,
    'Ctrl-C stops it and removes its data.',
  ].join('\n');
}
