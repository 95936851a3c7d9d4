import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { CommonConfig } from './config.js';
import { listen } from './listen.js';
import { Readiness } from './readiness.js';

/** A stop that takes longer would be ended by the platform anyway. */
const STOP_WITHIN_MS = 9_000;
/** A client that has stopped reading must not keep the process. */
const CUT_AFTER_MS = 6_000;
/** Listens, and stops on SIGTERM or SIGINT: readiness red, work in hand finished, exit 0 within 10 s. */
export async function serve(app: NestFastifyApplication, config: CommonConfig): Promise<void> {
  const logger = new Logger('Service');
  await listen(app, config);
  logger.log(`Listening on ${config.HTTP_HOST}:${config.HTTP_PORT}`);

  let isStopping = false;
  const stop = (signal: string): void => {
    // A terminal sends SIGINT to the whole group, and whoever started us may add a SIGTERM.
    if (isStopping) return;
    isStopping = true;
    app.get(Readiness).stop();
    logger.log(`${signal}: stopping`);
    setTimeout(() => { (app.getHttpServer()).closeAllConnections(); }, CUT_AFTER_MS).unref();
    setTimeout(() => {
      logger.error('Work in hand did not end in time');
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    app.close().then(
      () => process.exit(), // 0, or the exitCode of whoever asked for the end
      (error: unknown) => {
        logger.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => { stop('SIGTERM'); });
  process.on('SIGINT', () => { stop('SIGINT'); });
}

/** Runs a program's body; a failure is one line and exit 1. */
export function run(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
