import { addressesTable } from './addresses-table.js';
import { runCommand } from './command-line.js';
import { Ledger } from './ledger.js';
import { liveFolder } from './paths.js';
import { StackProblem } from './problem.js';
import { isRunning } from './processes.js';
import { startStack } from './stack.js';
import { removeData, stopAll } from './stop-recorded.js';

const USAGE = `Usage: npm run stack -- up | down | status | reset
  up      starts the servers in the background; npm start then uses them
  down    stops them, keeping the data
  status  shows what runs
  reset   stops them and removes the data`;

const commands: Record<string, () => Promise<void>> = {
  async up() {
    const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder: liveFolder, log: console.log });
    stack.ledger.release({ stillRuns: true });
    console.log(`${addressesTable(stack)}\nnpm run stack -- down stops them.`);
  },
  async down() {
    if (!Ledger.read(liveFolder)) return console.log('Nothing runs.');
    const ledger = Ledger.acquire(liveFolder); // refuses while `npm start` runs in another terminal
    await stopAll(ledger);
    ledger.release();
    console.log('Stopped. The data stays.');
  },
  async status() {
    const ledger = Ledger.read(liveFolder);
    const processes = Object.entries(ledger?.processes ?? {}).filter(([, process]) => isRunning(process));
    if (!ledger || processes.length === 0) return console.log('Nothing runs.');
    console.log(processes.map(([name, { pid }]) => `  ${name} (process ${pid})`).join('\n'));
    console.log(addressesTable(ledger.addresses));
  },
  async reset() {
    if (!Ledger.read(liveFolder)) return console.log('There is nothing to remove.');
    const ledger = Ledger.acquire(liveFolder);
    await stopAll(ledger);
    removeData(ledger);
    console.log('Stopped, and the data removed.');
  },
};

await runCommand(async () => {
  const command = commands[process.argv[2] ?? ''];
  if (!command) throw new StackProblem(USAGE);
  await command();
});
