import { join } from 'node:path';
import { addressRows } from './address-rows.js';
import { interrupted, runCommand, table } from './command-line.js';
import { liveFolder } from './paths.js';
import { startServices } from './services.js';
import { startStack } from './stack.js';
import { serviceNames, type ServiceName, type Services } from './types.js';
import { restartOnSave } from './restart-on-save.js';

const NOUNS: Record<ServiceName, string> = {
  'campaign-service': 'Campaigns',
  'contribution-service': 'Contributions',
  'notification-service': 'Notifications',
  'reporting-service': 'Reports',
};

/** `npm start`: the whole system in the foreground until Ctrl-C. `--watch` (`npm run dev`): services restart when a source file is saved. */
await runCommand(async () => {
  const watch = process.argv.includes('--watch');
  const stopped = interrupted(); // listens from the first moment: servers are started only by somebody who can stop them
  const stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder: liveFolder, log: console.log });
  try {
    const logFolder = join(liveFolder, 'logs');
    const services = await startServices(stack, { logFolder, log: console.log });
    console.log(`\n${table([...serviceRows(services), ...addressRows(stack)])}\n`);
    console.log(`A staff token:  npm run token -- moderator\nLogs:           ${logFolder}\nCtrl-C stops everything; the data stays in ${liveFolder}.`);
    const watching = watch ? restartOnSave(services) : undefined;
    await stopped;
    console.log('\nStopping …');
    await watching?.stop();
  } finally {
    await stack.stop();
  }
  console.log('Stopped.');
});

function serviceRows(services: Services): [string, string][] {
  return serviceNames.map((name) => [`${NOUNS[name]} (API page)`, `${services[name].url}/api`]);
}
