import { Api, Client, linkIn, localText, rowsOf, type Scheduled, ZONE } from '@cahier/demo';
import { Moments, serviceNames, staffToken, startServices, startStack, throwAwayFolder, type Service, type ServiceName, type Services, type Stack, type StackPart, type StaffRole } from '@cahier/local-stack';
import { simpleParser } from 'mailparser';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { well } from '../mail-sink/behaviour.js';
import { MailSink } from '../mail-sink/mail-sink.js';
import { ChaosProxy } from '../proxy/chaos-proxy.js';
import { isReady, requireRefusal, startReplica, type Replica } from './replica.js';

/** Mails that one process has under way at most: three lanes of so many. */
const MAIL_CONCURRENCY = 5;
const MAILS_UNDER_WAY = 3 * MAIL_CONCURRENCY;
/** The same rules, sooner: the seal's grace is 2 s, a process that fell silent is given up after 6, and a silent mail server after 3. */
const QUICK = { 'contribution-service': { MAX_QUEUE_WAIT_MS: '1000' }, 'notification-service': { DISPATCH_LEASE_SECONDS: '6', SMTP_TIMEOUT_SECONDS: '3', MAIL_CONCURRENCY: String(MAIL_CONCURRENCY) } };

export const linkedServers = ['postgres', 'kafka', 'redis'] as const;
export type LinkedServer = (typeof linkedServers)[number];
export type Links = Readonly<Record<LinkedServer, ChaosProxy>>;

/** The whole system as real processes, each service's way to each server through a proxy of its own. */
export class World {
  /** The campaign under way. */
  campaign: Scheduled | undefined;
  /** Where the load goes, in turn. */
  intakes: string[];
  /** Closing of the campaign under way, by the clock of contribution-service. */
  closesAt = new Date(0);
  private turn = 0;
  private upsets = 0;
  private forgotten = 0;
  private readonly shifts = new Map<ServiceName, number>();
  private baseShiftMs = 0;
  /** What `runWith` has changed, as it was. */
  private readonly before = new Map<ServiceName, Record<string, string>>();
  private readonly replicas: Replica[] = [];
  private readonly endings: (() => void)[] = [];
  private readonly paused = new Set<number>();

  private constructor(
    readonly folder: string,
    readonly stack: Stack,
    readonly services: Services,
    readonly links: Readonly<Record<ServiceName, Links>>,
    readonly mail: MailSink,
    readonly client: Client,
    readonly manager: Api,
    readonly analyst: Api,
    readonly moderator: Api,
    /** For whoever watches. */
    readonly say: (line: string) => void,
  ) {
    this.intakes = [services['contribution-service'].url];
  }

  /** PostgreSQL with fsync. @param folder gets logs and histories. @param durability `production`: three brokers, reached without proxies. */
  static async open(folder: string, log: (line: string) => void = () => undefined, durability: 'local' | 'production' = 'local'): Promise<World> {
    mkdirSync(folder, { recursive: true });
    const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder: await throwAwayFolder('faults'), throwAway: true, durability, log });
    try {
      const mail = await MailSink.start(join(folder, 'mails.jsonl'));
      const links = Object.fromEntries(await Promise.all(serviceNames.map(async (name) => [name, await linksOf(stack)] as const))) as Record<ServiceName, Links>;
      const place = (name: ServiceName, env: Readonly<Record<string, string>>): Record<string, string> => ({
        ...env,
        DATABASE_URL: at(env.DATABASE_URL, links[name].postgres), REDIS_URL: at(env.REDIS_URL, links[name].redis),
        ...(durability === 'local' && { KAFKA_BROKERS: `127.0.0.1:${links[name].kafka.port}` }),
        ...(name === 'notification-service' && { SMTP_URL: `smtp://127.0.0.1:${mail.port}` }),
      });
      const services = await startServices(stack, { logFolder: join(folder, 'logs'), log, env: QUICK, place });
      const client = new Client(128);
      const as = async (role: StaffRole): Promise<Api> => new Api(client, await staffToken(stack, role));
      return new World(folder, stack, services, links, mail, client, await as('campaign-manager'), await as('analyst'), await as('moderator'), log);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** What a scenario leaves until nobody reads it any more; before the servers' data is removed. */
  atClose(ending: () => void): void {
    this.endings.push(ending);
  }

  async close(): Promise<void> {
    await this.endReplicas();
    this.client.close();
    for (const ending of this.endings) ending();
    await this.stack.stop();
    for (const proxy of this.everyLink()) await proxy.close();
    await this.mail.close();
  }

  /** The next intake in turn. */
  nextIntake(): string {
    return this.intakes[this.turn++ % this.intakes.length] ?? this.services['contribution-service'].url;
  }

  everyLink(to?: LinkedServer): ChaosProxy[] {
    return serviceNames.flatMap((name) => (to ? [this.links[name][to]] : Object.values(this.links[name])));
  }

  /** Hits from now on of a service's fail points. */
  moments(name: ServiceName): Moments {
    return new Moments(join(this.folder, `${name}.failpoints.log`));
  }

  /** Restarts a service with fail points. @returns where their hits are written. */
  async arm(name: ServiceName, failpoints: string): Promise<Moments> {
    const moments = this.moments(name);
    try {
      await this.runWith(name, { FAILPOINTS: failpoints, FAILPOINTS_LOG: moments.log });
    } catch (error) {
      if (!moments.reached()) throw error; // under load it may get there, and die, before it could be called ready
    }
    return moments;
  }

  /** As it was before it was armed, or run with other settings. */
  async revive(name: ServiceName): Promise<void> {
    const env = this.before.get(name);
    this.before.delete(name);
    await this.services[name].restart(env);
  }

  /** Restarts a service with other settings, until it is revived. */
  async runWith(name: ServiceName, env: Readonly<Record<string, string>>): Promise<void> {
    const { env: now } = this.services[name];
    this.before.set(name, { ...Object.fromEntries(Object.keys(env).map((key) => [key, now[key] ?? ''])), ...this.before.get(name) });
    await this.services[name].restart({ ...env });
  }

  /** One more process of a service; it ends when the scenario does. */
  async replica(name: ServiceName, env: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const replica = await startReplica(this.services[name], this.replicaLog(name), env);
    this.upset();
    this.replicas.push(replica);
    return replica;
  }

  /** @throws Error unless a process of this service refuses to start so. */
  async requireRefusal(name: ServiceName, env: Readonly<Record<string, string>> = {}): Promise<void> {
    await requireRefusal(this.services[name], this.replicaLog(name), env);
  }

  /** SIGKILL and at once again, data and address kept. @param process of several of a part. */
  async restartServer(part: StackPart, process?: string): Promise<void> {
    this.upset();
    await this.stack.restart(part, process);
  }

  /** Rows of a service's own database, past the proxies. */
  async query<Row>(name: ServiceName, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return rowsOf<Row>(at(this.services[name].env.DATABASE_URL, { port: this.links[name].postgres.leadsTo }), sql, parameters);
  }

  /** From now on the clocks of all databases start from this instant; without one they are right again. */
  async setClocks(instant?: string): Promise<void> {
    this.baseShiftMs = instant === undefined ? 0 : Date.parse(instant) - Date.now();
    await this.shiftClocks({});
  }

  /** By so many milliseconds each service's clock is ahead of the others'; those that are not named are right. */
  async shiftClocks(shifts: Partial<Record<ServiceName, number>>): Promise<void> {
    for (const name of serviceNames) {
      const shift = this.baseShiftMs + (shifts[name] ?? 0);
      if ((this.shifts.get(name) ?? 0) === shift) continue;
      this.shifts.set(name, shift);
      this.upset(); // a lease may seem to have ended
      await this.query(name, `CREATE OR REPLACE FUNCTION service_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT date_trunc('milliseconds', statement_timestamp() + interval '${shift} milliseconds') $$`);
    }
  }

  /** By the clock of all databases together. */
  now(): number {
    return Date.now() + this.baseShiftMs;
  }

  /** Milliseconds until the closing, by the clock of contribution-service; 0 when it has passed. */
  untilClosing(): number {
    return Math.max(0, this.closesAt.getTime() - Date.now() - (this.shifts.get('contribution-service') ?? 0));
  }

  /** Moves the closing of the campaign under way. @returns the status of the answer. */
  async extend(closesAt: Date): Promise<number> {
    const url = `${this.services['campaign-service'].url}/staff/campaigns/${this.campaign?.campaignId}`;
    const { headers } = await this.manager.reply(url);
    const { status } = await this.manager.try(`${url}/extend`, { method: 'POST', headers: { 'content-type': 'application/json', 'if-match': headers.etag ?? '' }, body: JSON.stringify({ closesAtLocal: localText(closesAt, ZONE), reason: 'Essai' }) });
    if (status === 200) this.closesAt = closesAt;
    return status;
  }

  /** Asks for news of the campaign, reads the mail and confirms, as somebody does who would hear of its opening. */
  async subscribe(email: string, campaignId: string): Promise<void> {
    const { url } = this.services['notification-service'];
    const link = Promise.withResolvers<string>();
    const reader = (to: string, source: string): void => void (to === email && simpleParser(source).then(({ text = '' }) => link.resolve(linkIn({ text }, 'confirm') ?? ''), link.reject));
    this.mail.readers.add(reader);
    const body = JSON.stringify({ email, language: 'fr', campaignId, consent: true });
    for (let n = 0; (await this.client.send(`${url}/subscriptions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status !== 202; await sleep(100)) if (n === 600) throw new Error('Nobody could subscribe within a minute');
    const page = await Promise.race([link.promise, sleep(60_000, '', { ref: false })]);
    this.mail.readers.delete(reader);
    if (page === '') throw new Error('Waited 60 s for the mail to confirm a subscription');
    const { status } = await this.client.send(`${url}/confirm`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `token=${new URL(page).searchParams.get('token')}` });
    if (status !== 200) throw new Error(`Confirming a subscription: ${status}`);
  }

  /** How many mails may be in doubt after all that was done since it was opened. */
  mostInDoubt(): number {
    const { starts } = this.services['notification-service'];
    const seen = [...this.mail.seen].reduce((sum, [behaviour, times]) => sum + (behaviour === 'well' ? 0 : times), 0);
    return (starts - 1 + this.upsets + this.links['notification-service'].postgres.upsets) * MAILS_UNDER_WAY + seen + this.forgotten;
  }

  /** Something was done to the mails' sender, or its database, after which those under way may be in doubt. */
  upset(times = 1): void {
    this.upsets += times;
  }

  /** The mails' sender has lost what it knew of so many mails that had left: each may leave again. */
  forgetMails(count: number): void {
    this.forgotten += count;
  }

  private replicaLog(name: ServiceName): string {
    return join(this.folder, 'logs', `${name}.replica.log`);
  }

  /** Stops a server with all its processes for so long: it says nothing, and forgets nothing. */
  async pause(part: StackPart, ms: number): Promise<void> {
    const pid = this.pidOf(part);
    const all = [pid, ...childrenOf(pid)];
    this.upset();
    for (const one of all) this.signal(one, 'SIGSTOP');
    await sleep(ms);
    for (const one of all) this.signal(one, 'SIGCONT');
  }

  pidOf(name: string): number {
    const pid = this.stack.pids[name];
    if (pid === undefined) throw new Error(`${name} does not run as a process of this stack`);
    return pid;
  }

  /** Everything as it should be: no fault, every server and every service up, none armed, one of each. */
  async heal(): Promise<void> {
    for (const pid of this.paused) this.signal(pid, 'SIGCONT');
    this.mail.rule = well;
    for (const proxy of this.everyLink()) proxy.heal();
    this.intakes = [this.services['contribution-service'].url];
    await this.endReplicas();
    for (const [name, pid] of Object.entries(this.stack.pids)) {
      const part = linkedServers.find((server) => name === server || name.startsWith(`${server}-`));
      if (part && !isAlive(pid)) await this.restartServer(part, name);
    }
    await this.shiftClocks({});
    await Promise.all(serviceNames.map((name) => this.healService(this.services[name])));
  }

  private async healService(service: Service): Promise<void> {
    if (this.before.has(service.name) || !isAlive(service.pid)) return this.revive(service.name);
    for (const start = performance.now(); !(await isReady(service.url)); await sleep(100)) {
      // Whatever it has lost it must find again by itself (X3): no restart here.
      if (performance.now() - start > 60_000) throw new Error(`${service.name} did not get ready again by itself within 60 s`);
    }
  }

  private async endReplicas(): Promise<void> {
    await Promise.all(this.replicas.splice(0).map((replica) => replica.kill('SIGKILL')));
  }

  private signal(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (signal === 'SIGSTOP') this.paused.add(pid);
    else this.paused.delete(pid);
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function linksOf(stack: Stack): Promise<Links> {
  const portOf = (text = ''): number => Number(text.split(':').at(-1));
  return { postgres: await ChaosProxy.start(stack.postgres.port, 'postgres'), kafka: await ChaosProxy.start(portOf(stack.kafka.brokers[0]), 'kafka'), redis: await ChaosProxy.start(Number(new URL(stack.redis.url).port)) };
}

function at(address: string | undefined, { port }: { readonly port: number }): string {
  const url = new URL(address ?? '');
  url.port = String(port);
  return url.href;
}

/** Neither gone nor a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent;
    } catch {
      return false; // ended meanwhile
    }
  });
}
