import { backOff, giveUp, Loop, type Next } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { createClient } from 'redis';
import { CONFIG, type Config } from '../config.js';

/** Of INFO, which managed servers answer too. Evicting would drop jobs in silence; without its log a restarted Redis has none. */
const DURABLE: Readonly<Record<string, string>> = { maxmemory_policy: 'noeviction', aof_enabled: '1' };

/** Ends the process on a Redis that forgets. What it forgets is put in again, but late: each mail by half a minute. */
@Injectable()
export class QueueDurability implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(QueueDurability.name);
  private readonly loop = new Loop(() => this.step());
  private failures = 0;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** In the background: a service starts without Redis. */
  onApplicationBootstrap(): void {
    if (this.config.DURABILITY_PROFILE !== 'test') this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async step(): Promise<Next> {
    try {
      const weak = weakSettings(await infoOf(this.config.REDIS_URL));
      if (weak.length === 0) return 'done';
      this.logger.error(`Redis is not durable enough for the profile ${this.config.DURABILITY_PROFILE}: ${weak.join(', ')}`);
      giveUp();
      return 'done';
    } catch {
      return backOff(++this.failures, 5_000); // away: the queues say so
    }
  }
}

/** @returns `name=value` of each that is below what a queue needs. */
export function weakSettings(info: string): string[] {
  const settings = new Map(info.split(/\r?\n/).map((line) => line.split(':') as [string, string | undefined]));
  return Object.entries(DURABLE).flatMap(([name, good]) => (settings.get(name) === good ? [] : [`${name}=${settings.get(name) ?? 'unknown'}`]));
}

async function infoOf(url: string): Promise<string> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 3_000 } });
  // Without a listener an error event would end this process; connect() reports the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return `${await client.info('memory')}\r\n${await client.info('persistence')}`;
  } finally {
    client.destroy();
  }
}
