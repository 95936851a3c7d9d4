import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAll, collect, holds, openStage, play, sampleFilings, silent, summary, type Check, type Evidence, type Played, type Stage } from '@cahier/demo';
import { Moments, serviceNames, type ServiceName } from '@cahier/local-stack';
import { awaitedElsewhere } from '@cahier/platform';

/** Enough for every kind, both stances, answers to answers and some addresses. */
const FILINGS = 300;

/** The same rules, sooner: the seal's grace is 2 s, and a process that fell silent is given up after 3. */
const QUICK: Partial<Record<ServiceName, Record<string, string>>> = { 'contribution-service': { MAX_QUEUE_WAIT_MS: '1000' }, 'notification-service': { DISPATCH_LEASE_SECONDS: '3' } };

export interface Told {
  readonly played: Played;
  readonly evidence: Evidence;
  readonly checks: readonly Check[];
}

/** The demonstration's story on a slice of its sample, again and again on one stage: each with a campaign of its own. */
export class System {
  private constructor(readonly stage: Stage, private readonly folder: string) {}

  /** @param env of every service. */
  static async open(folder: string, env: Record<string, string> = {}): Promise<System> {
    mkdirSync(folder, { recursive: true });
    const environments = Object.fromEntries(serviceNames.map((name) => [name, { ...env, ...QUICK[name] }]));
    return new System(await openStage({ logFolder: join(folder, 'logs'), env: environments }), folder);
  }

  /** @param disturb is called at the opening and runs beside the filing; the campaign closes `quietMs` after the last filing was due, or later when filing is behind `noticeMs` before that. */
  async tell(mark: string, { disturb, ...times }: { disturb?: (campaignId: string) => Promise<void>; seconds?: number; quietMs?: number; noticeMs?: number } = {}): Promise<Told> {
    let disturbance = Promise.resolve();
    const played = await play(this.stage, {
      filings: (await sampleFilings()).slice(0, FILINGS), seconds: 3, opensInMs: 8_000, quietMs: 4_500, ...times, mark, screen: silent,
      onOpen: ({ campaignId }) => {
        disturbance = awaitedElsewhere(disturb?.(campaignId) ?? disturbance);
      },
    });
    await disturbance;
    const evidence = await collect(this.stage, played, join(this.folder, mark), silent);
    return { played, evidence, checks: checkAll(evidence) };
  }

  /** Restarts a service with fail points. @returns where their hits are written. */
  async arm(service: ServiceName, failpoints: string): Promise<Moments> {
    const log = join(this.folder, `${service}.failpoints.log`);
    const moments = new Moments(log);
    try {
      await this.stage.services[service].restart({ FAILPOINTS: failpoints, FAILPOINTS_LOG: log });
    } catch (error) {
      if (!moments.reached()) throw error; // under load it may get there, and die, before it could be called ready
    }
    return moments;
  }

  /** Starts a service again, after it died at a fail point, without any. */
  async revive(service: ServiceName): Promise<void> {
    await this.stage.services[service].restart({ FAILPOINTS: '' });
  }

  /** What a service has logged since the beginning; what is no JSON was said by Node.js, not by the service. */
  logged(service: ServiceName): Record<string, unknown>[] {
    const lines = readFileSync(join(this.folder, 'logs', `${service}.log`), 'utf8').split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Every service as it should be again: a test that failed half-way must not fail those after it. */
  async heal(): Promise<void> {
    const armed = serviceNames.filter((name) => (this.stage.services[name].env.FAILPOINTS ?? '') !== '');
    for (const name of armed) await this.revive(name);
  }

  async close(): Promise<void> {
    await this.stage.close();
  }
}

/** What a failing test prints: the checks that do not hold, with the source keys. */
export function failures(checks: readonly Check[]): string {
  const failing = checks.filter((check) => !holds(check));
  return failing.length === 0 ? '' : summary(failing);
}
