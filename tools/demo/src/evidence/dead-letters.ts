import { serviceNames, type Services } from '@cahier/local-stack';
import { z } from 'zod';
import type { Api } from '../http/api.js';
import type { Reached } from '../stage.js';
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

const page = z.object({ deadLetters: z.array(z.object({ topic: z.string(), partition: z.int(), offset: z.string(), cause: z.string() })) });

/** The same as an administrator sees it: of what was not settled, the oldest hundred. */
export async function listDeadLetters(admin: Api, services: Reached['services']): Promise<string[]> {
  const found = await Promise.all(
    serviceNames.map(async (name) => {
      const { deadLetters } = await admin.get(`${services[name].url}/staff/dead-letters?state=open&limit=100`, page);
      return deadLetters.map(({ topic, partition, offset, cause }) => `${name}: ${topic}/${partition}/${offset} ${cause}`);
    }),
  );
  return found.flat();
}
