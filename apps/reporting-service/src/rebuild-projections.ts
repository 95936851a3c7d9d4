import 'reflect-metadata';
import { loadConfig, run } from '@cahier/platform';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { dataSourceOptions } from './data-source.js';
import { forgetProjections } from './projections/forget-projections.js';

/** Empties the projections, so that they are filled again from the events. Reports stay. */
run(async () => {
  const { DATABASE_URL } = loadConfig(z.object({ DATABASE_URL: z.url() }));
  const db = await new DataSource(dataSourceOptions(DATABASE_URL, 2)).initialize();
  try {
    await forgetProjections(db);
    process.stdout.write('The projections are empty. Now tell every fact again: run `republish` of campaign-service and of contribution-service.\n');
  } finally {
    await db.destroy();
  }
});
