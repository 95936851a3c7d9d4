import 'reflect-metadata';
import { outboxFacts, republishCommand } from '@cahier/messaging';
import { commonConfig, loadConfig, run } from '@cahier/platform';
import { DataSource } from 'typeorm';
import { SERVICE } from './app.module.js';
import { dataSourceOptions } from './data-source.js';

run(async () => {
  const config = loadConfig(commonConfig.pick({ DATABASE_URL: true, KAFKA_BROKERS: true, TOPIC_PREFIX: true }));
  const db = await new DataSource(dataSourceOptions(config.DATABASE_URL, 2)).initialize();
  try {
    const done = await republishCommand({ service: SERVICE, config, db, facts: outboxFacts, args: process.argv.slice(2) });
    process.stdout.write(`${done}\n`);
  } finally {
    await db.destroy();
  }
});
