import 'reflect-metadata';
import { recoverCommand } from '@cahier/messaging';
import { createApp, loadConfig, run } from '@cahier/platform';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema } from './config.js';
import { settleRecovery } from './dispatch/settle-recovery.js';

run(async () => {
  const config = loadConfig(configSchema);
  // Not initialised: nothing of it runs. Its output is for a person.
  const app = await createApp(AppModule.with(config), { service: SERVICE, config: { ...config, LOG_LEVEL: 'warn' }, ...api });
  try {
    // What it has said, that mailings were completed, only counts: the count is made good once the mailings are there again.
    const done = await recoverCommand({ service: SERVICE, config, app, adopt: async () => undefined, settle: settleRecovery });
    process.stdout.write(`${done.join('\n')}\n`);
  } finally {
    await app.close();
  }
});
