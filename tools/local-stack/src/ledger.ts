import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, isRunning, ownIdentity, type ProcessIdentity } from './processes.js';
import { freePort } from './ports.js';
import { StackProblem } from './problem.js';
import type { StackAddresses, StackPart } from './addresses.js';
import type { Durability } from './durability.js';

/** A process that the stack started and has to stop. */
export interface StackProcess extends ProcessIdentity {
  readonly kind: 'server' | 'service';
  /** Ends it in order. */
  readonly stopWith: NodeJS.Signals;
  /** Ends it at once, its data not being needed any more. Default: SIGKILL. */
  readonly abandonWith?: NodeJS.Signals;
}

interface State {
  /** The process that runs this stack and will stop it; absent when it was left running on purpose. */
  owner?: ProcessIdentity;
  /** The servers go on without an owner, until `stack down`. */
  detached: boolean;
  throwAway: boolean;
  durability: Durability;
  addresses: Partial<StackAddresses>;
  processes: Record<string, StackProcess>;
  /** Kept after a stop, so that addresses stay the same. */
  ports: Record<string, number>;
  /** Servers that others run and the environment names. */
  given: StackPart[];
  /** Data that could not live in the stack's folder. */
  foldersElsewhere: string[];
  /** The containers' project, when Docker serves. */
  composeProject?: string;
}

const PATIENCE_MS = { service: 15_000, server: 20_000 } as const;

/**
 * What a stack has started, on disk (`state.json`) before anything waits for it: whatever happens to the starter,
 * the next one finds the processes, knows them by their birth, and stops them and nothing else.
 */
export class Ledger {
  private constructor(
    readonly folder: string,
    private readonly state: State,
  ) {}

  /**
   * Makes this process the owner of the stack in `folder`.
   * @throws StackProblem when another living process owns it.
   */
  static acquire(folder: string): Ledger {
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, 'owner.json');
    const me = ownIdentity();
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        writeFileSync(lock, JSON.stringify(me), { flag: 'wx' });
        const ledger = new Ledger(folder, readState(folder) ?? emptyState());
        ledger.state.owner = me;
        ledger.save();
        return ledger;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = readJson<ProcessIdentity>(lock);
      if (owner && isRunning(owner)) throw new StackProblem(`A stack already runs in ${folder}, started by process ${owner.pid}. Stop it there (Ctrl-C), then try again.`);
      rmSync(lock, { force: true }); // its owner died without stopping it
    }
    throw new StackProblem(`Another process is starting a stack in ${folder}. Try again.`);
  }

  /** What stands in the folder, without becoming its owner. */
  static read(folder: string): Ledger | undefined {
    const state = readState(folder);
    return state && new Ledger(folder, state);
  }

  get addresses(): Readonly<Partial<StackAddresses>> {
    return this.state.addresses;
  }

  get processes(): Readonly<Record<string, StackProcess>> {
    return this.state.processes;
  }

  get throwAway(): boolean {
    return this.state.throwAway;
  }

  get durability(): Durability {
    return this.state.durability;
  }

  get owner(): ProcessIdentity | undefined {
    return this.state.owner;
  }

  get composeProject(): string | undefined {
    return this.state.composeProject;
  }

  get given(): readonly StackPart[] {
    return this.state.given;
  }

  get foldersElsewhere(): readonly string[] {
    return this.state.foldersElsewhere;
  }

  /** Whether the servers were left running on purpose, and all of them still do. */
  get leftRunning(): boolean {
    const servers = Object.values(this.processes).filter(({ kind }) => kind === 'server');
    return this.state.detached && servers.length > 0 && servers.every(isRunning);
  }

  /** Changes what is known and writes it down. */
  note(change: Partial<Pick<State, 'throwAway' | 'durability' | 'addresses' | 'given' | 'composeProject'>>): void {
    Object.assign(this.state, change);
    this.save();
  }

  started(name: string, process: StackProcess): void {
    this.state.processes[name] = process;
    this.save();
  }

  ended(name: string): void {
    delete this.state.processes[name];
    this.save();
  }

  keepsDataIn(folder: string): void {
    if (this.state.foldersElsewhere.includes(folder)) return;
    this.state.foldersElsewhere.push(folder);
    this.save();
  }

  /** The port that `name` had last time where it is still free, or taken by `name` itself; otherwise another. */
  async port(name: string, runs = false): Promise<number> {
    const known = this.state.ports[name];
    const port = runs && known !== undefined ? known : await freePort(known);
    this.state.ports[name] = port;
    this.save();
    return port;
  }

  /** Ends the processes of one kind, all at once. */
  async end(kind: StackProcess['kind'], { quickly = false } = {}): Promise<void> {
    const ending = Object.entries(this.processes).filter(([, process]) => process.kind === kind);
    await Promise.all(
      ending.map(async ([name, process]) => {
        await endProcess(process, quickly ? (process.abandonWith ?? 'SIGKILL') : process.stopWith, PATIENCE_MS[kind]);
        this.ended(name);
      }),
    );
  }

  /** Gives up ownership; with `stillRuns`, the servers are meant to go on without an owner. */
  release({ stillRuns = false } = {}): void {
    delete this.state.owner;
    this.state.detached = stillRuns;
    if (!stillRuns) {
      this.state.addresses = {};
      delete this.state.composeProject;
    }
    this.save();
    rmSync(join(this.folder, 'owner.json'), { force: true });
  }

  private save(): void {
    const file = join(this.folder, 'state.json');
    writeFileSync(`${file}.new`, `${JSON.stringify(this.state, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

const emptyState = (): State => ({ detached: false, throwAway: false, durability: 'local', addresses: {}, processes: {}, ports: {}, given: [], foldersElsewhere: [] });

function readState(folder: string): State | undefined {
  const state = readJson<State>(join(folder, 'state.json'));
  return state && { ...emptyState(), ...state };
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined; // not there, or cut short by a crash: nothing is known
  }
}
