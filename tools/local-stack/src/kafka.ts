import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StackProblem } from './problem.js';
import { cahierFolder, kafkaLibsFolder } from './paths.js';
import { awaited, isRunning, launch } from './processes.js';
import { askMetadata } from './kafka-metadata.js';
import { dataFolder, launchServer, logFile, type ServerContext } from './server.js';
import type { StackAddresses } from './addresses.js';
import { waitFor } from './wait.js';

/** Small on purpose: topics here hold thousands of messages, not millions. */
const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+PerfDisableSharedMem', '-Djava.awt.headless=true'];
const LOGGING = `-Dlog4j2.configurationFile=file:${resolve(import.meta.dirname, '..', 'kafka', 'log4j2.properties')}`;
const CLASSPATH = ['-cp', join(kafkaLibsFolder, '*')];
/** Classes as the JVM loaded them, mapped at the next start: half a second saved each time. A JVM that cannot use it ignores it. */
const CLASS_ARCHIVE = join(cahierFolder, 'kafka.jsa');
const JAVA_HINT = 'Install Java 17 or later with `apt-get install openjdk-17-jre-headless` (Debian, Ubuntu) or `brew install openjdk`, or start a Docker engine.';

/** One node of a cluster: broker and controller. */
interface Node {
  readonly id: number;
  /** Of its process and its folder: `kafka`, `kafka-2` … */
  readonly name: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** Starts the nodes that do not run: one, or three where writes must be confirmed by two. Topics are created on purpose only. */
export async function startKafka(context: ServerContext): Promise<StackAddresses['kafka']> {
  if (!existsSync(kafkaLibsFolder)) throw new StackProblem('Kafka is not here yet. Fetch it with `npm run bootstrap` (needs Java 17 and Maven), or start a Docker engine.');
  const nodes: Node[] = [];
  for (let id = 1; id <= (context.durability === 'production' ? 3 : 1); id++) {
    const name = id === 1 ? 'kafka' : `kafka-${id}`;
    const runs = name in context.ledger.processes;
    nodes.push({ id, name, port: await context.ledger.port(name, runs), controllerPort: await context.ledger.port(`${name}-controller`, runs) });
  }
  await Promise.all(nodes.filter(({ name }) => !(name in context.ledger.processes)).map((node) => startNode(context, node, nodes)));
  return { brokers: nodes.map(({ port }) => `127.0.0.1:${port}`) };
}

async function startNode(context: ServerContext, { id, name, port, controllerPort }: Node, nodes: readonly Node[]): Promise<void> {
  const folder = dataFolder(context, name);
  mkdirSync(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, serverProperties({ id, port, controllerPort, data: join(folder, 'data'), nodes }));
  if (!existsSync(join(folder, 'data', 'meta.properties'))) await format(context, name, properties);

  const identity = await launchServer(context, name, { stopWith: 'SIGTERM' }, {
    name: 'Kafka',
    command: 'java',
    args: [...JVM, ...classArchive(folder), LOGGING, ...CLASSPATH, 'kafka.Kafka', properties],
    howToInstall: JAVA_HINT,
  });
  await waitFor(
    'Kafka to answer',
    async () => {
      const { brokers, hasController } = await askMetadata('127.0.0.1', port);
      return brokers > 0 && hasController ? true : undefined;
    },
    { timeoutMs: 60_000, of: awaited('Kafka', identity, logFile(context, name)) },
  );
}

/** Whether a clean stop of this broker would write the class archive that is still missing: worth its few seconds, once. */
export function wouldWriteClassArchive(): boolean {
  return !existsSync(CLASS_ARCHIVE);
}

/** Takes over the archive that a broker of this folder wrote when it stopped. Written beside and renamed: never half there. */
export function keepClassArchive(kafkaFolder: string): void {
  const written = join(kafkaFolder, 'kafka.jsa');
  if (!existsSync(written)) return;
  if (existsSync(CLASS_ARCHIVE)) rmSync(written);
  else renameSync(written, CLASS_ARCHIVE);
}

function classArchive(kafkaFolder: string): string[] {
  return existsSync(CLASS_ARCHIVE) ? [`-XX:SharedArchiveFile=${CLASS_ARCHIVE}`, '-Xlog:cds=off'] : [`-XX:ArchiveClassesAtExit=${join(kafkaFolder, 'kafka.jsa')}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
}

/** Gives an empty data folder its cluster id. */
async function format(context: ServerContext, name: string, properties: string): Promise<void> {
  const log = logFile(context, `${name}-format`);
  const id = Buffer.from(context.keys.secret('kafka-cluster-id'), 'base64url').subarray(0, 16);
  id[0] = (id[0] ?? 0) & 0x7f; // so that its text does not begin with a dash, which the tool would take for an option
  const clusterId = id.toString('base64url');
  const identity = await launch({ name: "Kafka's formatting", command: 'java', args: ['-Xshare:auto', '-XX:TieredStopAtLevel=1', LOGGING, ...CLASSPATH, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, '--ignore-formatted'], logFile: log, howToInstall: JAVA_HINT });
  await waitFor("Kafka's data folder to be formatted", async () => (isRunning(identity) ? undefined : true), { timeoutMs: 60_000, everyMs: 20 });
  if (!existsSync(join(dataFolder(context, name), 'data', 'meta.properties'))) throw new StackProblem(`Kafka's data folder could not be formatted; see ${log}`);
}

function serverProperties({ id, port, controllerPort, data, nodes }: Omit<Node, 'name'> & { data: string; nodes: readonly Node[] }): string {
  const [copies, confirming] = [nodes.length, Math.ceil(nodes.length / 2)];
  return `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${nodes.map((node) => `${node.id}@127.0.0.1:${node.controllerPort}`).join(',')}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data}
auto.create.topics.enable=false
num.partitions=3
group.initial.rebalance.delay.ms=0
# After a crash the old broker's session must expire before the new one is let in: 3 s instead of 11.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
offsets.topic.num.partitions=1
offsets.topic.replication.factor=${copies}
min.insync.replicas=${confirming}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${confirming}
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=${confirming}
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=4194304
`;
}
