import 'reflect-metadata';
import { connectEvents } from '@cahier/messaging';
import { createApp, loadConfig, run, serve } from '@cahier/platform';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema } from './config.js';

run(async () => {
  const config = loadConfig(configSchema);
  const app = await createApp(AppModule.with(config), { service: SERVICE, config, ...api });
  await connectEvents(app);
  await serve(app, config);
});
