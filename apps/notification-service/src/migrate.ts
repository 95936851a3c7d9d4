import 'reflect-metadata';
import { loadConfig, migrate, run } from '@cahier/platform';
import { z } from 'zod';
import { dataSourceOptions } from './data-source.js';

run(async () => {
  const { DATABASE_URL } = loadConfig(z.object({ DATABASE_URL: z.url() }));
  await migrate(dataSourceOptions(DATABASE_URL));
});
