import { Api, Client, type Scheduled } from '@cahier/demo';
import { serviceNames, staffToken, startServices, startStack, throwAwayFolder, type Service, type ServiceName, type Services, type Stack, type StackPart } from '@cahier/local-stack';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { well } from '../mail-sink/behaviour.js';
import { MailSink } from '../mail-sink/mail-sink.js';
import { ChaosProxy } from '../proxy/chaos-proxy.js';
import { isReady, startReplica, type Replica } from './replica.js';
import { Moments } from './moments.js';

/** The same rules, sooner: the seal's grace is 2 s, a process that fell silent is given up after 3, and so is a silent mail server. */
const QUICK = { 'contribution-service': { MAX_QUEUE_WAIT_MS: '1000' }, 'notification-service': { DISPATCH_LEASE_SECONDS: '6', SMTP_TIMEOUT_SECONDS: '3' } };

export const linkedServers = ['postgres', 'kafka', 'redis'] as const;
export type LinkedServer = (typeof linkedServers)[number];
export type Links = Readonly<Record<LinkedServer, ChaosProxy>>;

/** The whole system as real processes, each service's way to each server through a proxy of its own. */
export class World {
  /** The campaign under way. */
  campaign: Scheduled | undefined;
  /** Where the load goes, in turn. */
  intakes: string[];
  private turn = 0;
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
    /** For whoever watches. */
    readonly say: (line: string) => void,
  ) {
    this.intakes = [services['contribution-service'].url];
  }

  /** PostgreSQL with fsync. @param folder gets logs and histories. */
  static async open(folder: string, log: (line: string) => void = () => undefined): Promise<World> {
    mkdirSync(folder, { recursive: true });
    const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder: await throwAwayFolder('faults'), throwAway: true, log });
    try {
      const mail = await MailSink.start(join(folder, 'mails.jsonl'));
      const links = Object.fromEntries(await Promise.all(serviceNames.map(async (name) => [name, await linksOf(stack)] as const))) as Record<ServiceName, Links>;
      const place = (name: ServiceName, env: Readonly<Record<string, string>>): Record<string, string> => ({
        ...env,
        DATABASE_URL: at(env.DATABASE_URL, links[name].postgres), KAFKA_BROKERS: `127.0.0.1:${links[name].kafka.port}`, REDIS_URL: at(env.REDIS_URL, links[name].redis),
        ...(name === 'notification-service' && { SMTP_URL: `smtp://127.0.0.1:${mail.port}` }),
      });
      const services = await startServices(stack, { logFolder: join(folder, 'logs'), log, env: QUICK, place });
      const client = new Client(128);
      return new World(folder, stack, services, links, mail, client, new Api(client, await staffToken(stack, 'campaign-manager')), new Api(client, await staffToken(stack, 'analyst')), log);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** What a scenario leaves until nobody reads it any more. */
  atClose(ending: () => void): void {
    this.endings.push(ending);
  }

  async close(): Promise<void> {
    await this.endReplicas();
    this.client.close();
    await this.stack.stop();
    for (const proxy of this.everyLink()) await proxy.close();
    await this.mail.close();
    for (const ending of this.endings) ending();
  }

  /** The next intake in turn. */
  nextIntake(): string {
    return this.intakes[this.turn++ % this.intakes.length] ?? this.services['contribution-service'].url;
  }

  everyLink(to?: LinkedServer): ChaosProxy[] {
    return serviceNames.flatMap((name) => (to ? [this.links[name][to]] : Object.values(this.links[name])));
  }

  /** Restarts a service with fail points. @returns where their hits are written. */
  async arm(name: ServiceName, failpoints: string): Promise<Moments> {
    const log = join(this.folder, `${name}.failpoints.log`);
    const moments = new Moments(log);
    try {
      await this.services[name].restart({ FAILPOINTS: failpoints, FAILPOINTS_LOG: log });
    } catch (error) {
      if (!moments.reached()) throw error; // under load it may get there, and die, before it could be called ready
    }
    return moments;
  }

  async revive(name: ServiceName): Promise<void> {
    await this.services[name].restart({ FAILPOINTS: '' });
  }

  /** One more process of a service; it ends when the scenario does. */
  async replica(name: ServiceName): Promise<Replica> {
    const replica = await startReplica(this.services[name], join(this.folder, 'logs', `${name}.replica.log`));
    this.replicas.push(replica);
    return replica;
  }

  /** SIGKILL and at once again, data and address kept. */
  async restartServer(part: StackPart): Promise<void> {
    await this.stack.restart(part);
  }

  /** Stops a server with all its processes for so long: it says nothing, and forgets nothing. */
  async pause(part: StackPart, ms: number): Promise<void> {
    const pid = this.pidOf(part);
    const all = [pid, ...childrenOf(pid)];
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
    for (const part of linkedServers) if (this.stack.pids[part] === undefined || !isAlive(this.pidOf(part))) await this.restartServer(part);
    await Promise.all(serviceNames.map((name) => this.healService(this.services[name])));
  }

  private async healService(service: Service): Promise<void> {
    if ((service.env.FAILPOINTS ?? '') !== '' || !isAlive(service.pid)) return service.restart({ FAILPOINTS: '' });
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

function at(address: string | undefined, proxy: ChaosProxy): string {
  const url = new URL(address ?? '');
  url.port = String(proxy.port);
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
