import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serviceNames } from '@cahier/local-stack';
import { readTopic } from '@cahier/messaging';

const TOPICS = ['campaign.events', 'contribution.events', 'intake.events', 'notification.events', 'report.events'];

/** Where an address that somebody gave can be read in clear: lines of the services' logs and messages in Kafka. Named by place, not quoted. */
export async function findLeaks(addresses: ReadonlySet<string>, brokers: readonly string[], prefix: string, logFolder: string): Promise<string[]> {
  const holds = (text: string): boolean => [...text.matchAll(/[\w.+-]+@[\w.-]*\bexample\.org/gi)].some(([address]) => addresses.has(address.toLowerCase()));
  const leaks: string[] = [];
  for (const topic of TOPICS) {
    const messages = await readTopic(brokers, prefix + topic);
    leaks.push(...messages.filter(({ value, headers }) => holds(value) || holds(JSON.stringify(headers))).map(({ partition, offset }) => `${topic}/${partition}/${offset}`));
  }
  for (const name of serviceNames) {
    const path = join(logFolder, `${name}.log`);
    let number = 0;
    if (existsSync(path)) for await (const line of createInterface({ input: createReadStream(path) })) if (++number && holds(line)) leaks.push(`${name}.log line ${number}`);
  }
  return leaks;
}
