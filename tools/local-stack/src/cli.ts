import { parseArgs } from 'node:util';
import { addressRows } from './address-rows.js';
import { backUp, layOut } from './backup.js';
import { runCommand, table } from './command-line.js';
import { Ledger } from './ledger.js';
import { liveFolder } from './paths.js';
import { postgresDataFolder, postgresUser } from './postgres-user.js';
import { StackProblem } from './problem.js';
import { isRunning } from './processes.js';
import { runInServices } from './services.js';
import { startStack } from './stack.js';
import { removeData, stopAll } from './stop-recorded.js';

const USAGE = `Usage: npm run stack -- up | down | status | reset | backup <folder> | restore <folder> [--to <instant>] | recover [--folder <a stack's folder>]
  up       starts the servers in the background; npm start then uses them
  down     stops them, keeping the data
  status   shows what runs
  reset    stops them and removes the data
  backup   copies PostgreSQL while it runs, and keeps its log there from now on
  restore  puts such a copy in PostgreSQL's place while nothing runs; the next start brings it to the instant (ISO 8601), or to the end of the log
  recover  then brings each service's database up to what Kafka remembers, before the services start`;

const commands: Record<string, (folder: string, backup: string | undefined, to: string | undefined) => Promise<void>> = {
  async up(folder) {
    const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder, log: console.log });
    stack.leaveRunning();
    console.log(`${table(addressRows(stack))}\nnpm run stack -- down stops them.`);
  },
  async down(folder) {
    if (!Ledger.read(folder)) return console.log('Nothing runs.');
    const ledger = Ledger.acquire(folder); // refuses while `npm start` runs in another terminal
    await stopAll(ledger);
    ledger.release();
    console.log('Stopped. The data stays.');
  },
  async status(folder) {
    const ledger = Ledger.read(folder);
    const processes = Object.entries(ledger?.processes ?? {}).filter(([, process]) => isRunning(process));
    if (!ledger || processes.length === 0) return console.log('Nothing runs.');
    console.log(processes.map(([name, { pid }]) => `  ${name} (process ${pid})`).join('\n'));
    console.log(table(addressRows(ledger.addresses)));
  },
  async reset(folder) {
    if (!Ledger.read(folder)) return console.log('There is nothing to remove.');
    const ledger = Ledger.acquire(folder);
    await stopAll(ledger);
    removeData(ledger);
    console.log('Stopped, and the data removed.');
  },
  async backup(folder, backup) {
    const postgres = Ledger.read(folder)?.addresses.postgres;
    if (backup === undefined) throw new StackProblem(USAGE);
    if (!postgres) throw new StackProblem('Nothing runs. Start the servers first: npm run stack -- up');
    const from = await backUp(postgres, backup);
    console.log(`Every moment from ${from.toISOString()} on can be given back from ${backup}, as far as its log has come there.`);
  },
  async restore(folder, backup, to) {
    if (backup === undefined) throw new StackProblem(USAGE);
    const at = to === undefined ? undefined : new Date(to);
    if (at && Number.isNaN(at.getTime())) throw new StackProblem(`Not an instant: ${to}`);
    const ledger = Ledger.acquire(folder); // refuses while somebody runs it
    try {
      if (Object.values(ledger.processes).some(isRunning)) throw new StackProblem('Servers run. Stop them first: npm run stack -- down');
      layOut(backup, postgresDataFolder({ ledger }, postgresUser()), at);
    } finally {
      ledger.release();
    }
    console.log('In its place. Now: npm run stack -- up, and npm run stack -- recover before any service starts.');
  },
  async recover(folder) {
    const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder, log: console.log });
    try {
      await runInServices(stack, 'recover', console.log);
    } finally {
      stack.leaveRunning();
    }
  },
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string' }, to: { type: 'string' } } });
  const command = commands[positionals[0] ?? ''];
  if (!command) throw new StackProblem(USAGE);
  await command(values.folder ?? liveFolder, positionals[1], values.to);
});
