import { type ServiceName, serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { behaviours, drawn } from '../mail-sink/behaviour.js';
import { Random } from '../random.js';
import { type LinkedServer, linkedServers, type World } from '../world/world.js';

/** Something short that can happen beside others: all that is drawn is drawn before. */
export interface PlannedFault {
  readonly atMs: number;
  readonly what: string;
  run(world: World): Promise<void>;
}

type Draw = (random: Random) => Omit<PlannedFault, 'atMs'>;

const killService: Draw = (random) => {
  const name = random.pick(serviceNames);
  return { what: `${name} killed`, run: (world) => killAndRestart(world, name) };
};

const killServer: Draw = (random) => {
  const server = random.pick(linkedServers);
  return { what: `${server} killed`, run: (world) => world.restartServer(server) };
};

const pauseServer: Draw = (random) => {
  const [server, ms] = [random.pick(linkedServers), random.between(500, 4_000)];
  return { what: `${server} silent for ${ms} ms`, run: (world) => world.pause(server, ms) };
};

const disturbLink: Draw = (random) => {
  const [name, server, ms] = [random.pick(serviceNames), random.pick(linkedServers), random.between(500, 4_000)];
  const faults: readonly [string, (link: World['links'][ServiceName][LinkedServer]) => void][] = [
    ['parted in silence', (link) => link.set({ toServer: { stalled: true }, toClient: { stalled: true } })],
    ['deaf to answers', (link) => link.set({ toClient: { stalled: true } })],
    ['slow', (link) => link.set({ toServer: { latencyMs: 200 }, toClient: { latencyMs: 200 } })],
    ['refused', (link) => link.refuse()],
    ['half-closed', (link) => link.halfClose('toClient')],
    ['cut', (link) => link.set({ toClient: { cutAfter: 3_000 } })],
    ['left without its commits’ answers', (link) => link.swallow({ statement: /COMMIT|INSERT INTO contribution/, then: 'close', times: 2 })],
  ];
  const [how, begin] = random.pick(faults);
  return {
    what: `${name} ${how}: ${how.includes('commits') ? 'postgres' : server}, ${ms} ms`,
    async run(world) {
      const link = world.links[name][how.includes('commits') ? 'postgres' : server];
      begin(link);
      await sleep(ms);
      link.heal();
    },
  };
};

const upsetMail: Draw = (random) => {
  const [seed, ms] = [random.between(0, 2 ** 30), random.between(2_000, 8_000)];
  return {
    what: `mail server upset for ${ms} ms`,
    async run(world) {
      world.mail.rule = drawn(new Random(seed), 0.5, behaviours.filter((one) => one !== 'well' && one !== '550' && one !== '552'));
      await sleep(ms);
      world.mail.rule = () => 'well';
    },
  };
};

const kinds: readonly Draw[] = [killService, killService, killServer, pauseServer, disturbLink, disturbLink, disturbLink, upsetMail];

/** One to four faults a minute, for so many seconds, drawn from a seed: the same seed gives the same ones. */
export function planMixture(seed: number, seconds: number): PlannedFault[] {
  const random = new Random(seed);
  const planned: PlannedFault[] = [];
  for (let minute = 0; minute * 60 < seconds; minute++) {
    const length = Math.min(60, seconds - minute * 60);
    for (let n = random.between(1, 4); n > 0; n--) planned.push({ atMs: Math.round((minute * 60 + random.next() * length) * 1_000), ...random.pick(kinds)(random) });
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

/** Without end, what is to be killed next: a service, or one of the servers. */
export function* killings(seed: number): Generator<Omit<PlannedFault, 'atMs'>> {
  const random = new Random(seed);
  while (true) yield random.next() < 0.6 ? killService(random) : killServer(random);
}

async function killAndRestart(world: World, name: ServiceName): Promise<void> {
  await world.services[name].kill('SIGKILL');
  await world.services[name].restart();
}
