import { serviceNames, type Services } from '@cahier/local-stack';
import { rowsOf } from './database.js';

interface Row {
  readonly topic: string;
  readonly partition: number;
  readonly message_offset: string;
  readonly cause: string;
}

/** What no consumer could handle, one line each. */
export async function readDeadLetters(services: Services): Promise<string[]> {
  const found = await Promise.all(
    serviceNames.map(async (name) => {
      const rows = await rowsOf<Row>(services[name].env.DATABASE_URL ?? '', 'SELECT topic, partition, message_offset, cause FROM dead_letter');
      return rows.map(({ topic, partition, message_offset, cause }) => `${name}: ${topic}/${partition}/${message_offset} ${cause}`);
    }),
  );
  return found.flat();
}
