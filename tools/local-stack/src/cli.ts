import { parseArgs } from 'node:util';
import { addressRows } from './address-rows.js';
import { runCommand, table } from './command-line.js';
import { Ledger } from './ledger.js';
import { liveFolder } from './paths.js';
import { StackProblem } from './problem.js';
import { isRunning } from './processes.js';
import { startStack } from './stack.js';
import { removeData, stopAll } from './stop-recorded.js';

const USAGE = `Usage: npm run stack -- up | down | status | reset [--folder <a stack's folder>]
  up      starts the servers in the background; npm start then uses them
  down    stops them, keeping the data
  status  shows what runs
  reset   stops them and removes the data`;

const commands: Record<string, (folder: string) => Promise<void>> = {
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
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string' } } });
  const command = commands[positionals[0] ?? ''];
  if (!command) throw new StackProblem(USAGE);
  await command(values.folder ?? liveFolder);
});
