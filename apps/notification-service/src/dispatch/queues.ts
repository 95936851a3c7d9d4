import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { createNodeRedisClient, Queue, RedisConnection, Worker } from 'bullmq';
import { inSpan } from '@cahier/platform';
import { createClient } from 'redis';
import { CONFIG, type Config } from '../config.js';
import { type Lane, LANES } from './lanes.js';
import { SendMails } from './send-mails.use-case.js';

/** Payload of a job: Redis holds ids only. */
interface SendJob {
  readonly dispatchIds: readonly string[];
}

/** Jobs in Redis per lane at most: the rows wait in PostgreSQL, not in memory. */
const WINDOW = 50;

/** A job whose process died comes back by itself within some 20 s; run twice, it finds the rows claimed. */
const STALLED = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1 } as const;

/** Mails under way end well within this; a Redis that is away would be waited for. */
const STOP_WITHIN_MS = 4_000;

/** The three lanes on Redis. What Redis loses is only a delay: rows that stay pending are put in again. */
@Injectable()
export class Queues implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Queues.name);
  private queues: ReadonlyMap<Lane, Queue<SendJob>> = new Map();
  private workers: readonly Worker<SendJob>[] = [];
  private readonly stopping = new AbortController();
  private readonly connections: { readonly isOpen: boolean; destroy(): void }[] = [];

  constructor(@Inject(CONFIG) private readonly config: Config, private readonly sendMails: SendMails) {}

  onModuleInit(): void {
    RedisConnection.clientFactory = () => createNodeRedisClient(this.connection());
    this.queues = new Map(LANES.map((lane) => [lane, new Queue<SendJob>(`notification.${lane}`, this.options())]));
    for (const queue of this.queues.values()) queue.on('error', (error) => { this.report(error); });
  }

  onApplicationBootstrap(): void {
    const { signal } = this.stopping;
    this.workers = LANES.map((lane) => new Worker<SendJob>(`notification.${lane}`, ({ data }) => inJobSpan(lane, () => this.sendMails.execute(data.dispatchIds, signal)), { ...this.options(), concurrency: this.config.MAIL_CONCURRENCY, ...STALLED }));
    for (const worker of this.workers) worker.on('error', (error) => { this.report(error); });
  }

  /** How many more jobs a lane takes now. @throws while Redis is away. */
  async room(lane: Lane): Promise<number> {
    const { wait = 0, waiting = 0, active = 0, prioritized = 0 } = await this.queueOf(lane).getJobCounts('wait', 'active', 'prioritized');
    return WINDOW - Math.max(wait, waiting) - active - prioritized;
  }

  /** One command each, pipelined: in a transaction, as `addBulk` sends them, a Redis that was restarted and has forgotten BullMQ's scripts would refuse them for ever. */
  async add(lane: Lane, jobs: readonly (readonly string[])[]): Promise<void> {
    const queue = this.queueOf(lane);
    await Promise.all(jobs.map((dispatchIds) => queue.add('notification.send-mails', { dispatchIds }, { removeOnComplete: true, removeOnFail: true })));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    const closed = Promise.allSettled([...this.workers, ...this.queues.values()].map((part) => part.close()));
    await Promise.race([closed, pause(STOP_WITHIN_MS, undefined, { ref: false })]);
    // Redis holds ids only: what is cut here is put in again.
    for (const connection of this.connections) if (connection.isOpen) connection.destroy();
  }

  private options(): { connection: object; prefix: string; skipVersionCheck: true } {
    return { connection: {}, prefix: this.config.QUEUE_PREFIX, skipVersionCheck: true };
  }

  private connection(): unknown {
    const connection = createClient({ url: this.config.REDIS_URL, socket: { reconnectStrategy: (retries: number) => Math.min(100 * (retries + 1), 2_000) } });
    connection.on('error', (error: Error) => { this.report(error); });
    this.connections.push(connection);
    return connection;
  }

  private queueOf(lane: Lane): Queue<SendJob> {
    const queue = this.queues.get(lane);
    if (!queue) throw new Error('The queues have not been started');
    return queue;
  }

  private lastReport = 0;
  private report(error: Error): void {
    // A server that is away fails at every attempt: one line in ten seconds is enough.
    if (Date.now() - this.lastReport < 10_000) return;
    this.lastReport = Date.now();
    this.logger.warn(`Redis: ${error.message}`);
  }
}

const inJobSpan = (lane: Lane, work: () => Promise<void>): Promise<void> =>
  inSpan('mail job', null, work, () => ({ kind: 'consumer', attributes: { 'messaging.system': 'bullmq', 'messaging.destination.name': lane } }));
