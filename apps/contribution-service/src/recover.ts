import 'reflect-metadata';
import { recoverCommand } from '@cahier/messaging';
import { createApp, loadConfig, run } from '@cahier/platform';
import { adoptFact } from './adopt-fact.js';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema } from './config.js';
import { settleRecovery } from './seal/settle-recovery.js';

run(async () => {
  const config = loadConfig(configSchema);
  // Not initialised: nothing of it runs. Its output is for a person.
  const app = await createApp(AppModule.with(config), { service: SERVICE, config: { ...config, LOG_LEVEL: 'warn' }, ...api });
  try {
    const done = await recoverCommand({ service: SERVICE, config, app, adopt: adoptFact, settle: settleRecovery });
    process.stdout.write(`${done.join('\n')}\n`);
  } finally {
    await app.close();
  }
});
