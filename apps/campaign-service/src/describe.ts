import 'reflect-metadata';
import { createApp, Metrics, openApiDocument, run } from '@cahier/platform';
import { api } from './api.js';
import { AppModule, SERVICE } from './app.module.js';
import { configSchema } from './config.js';

/** Prints what `npm run docs` writes about the service, as JSON: its API document and its metrics. Needs no server: nothing here connects. */
run(async () => {
  const config = configSchema.parse({
    PROFILE: 'local', DATABASE_URL: 'postgres://localhost/none', KAFKA_BROKERS: 'localhost:0', HTTP_PORT: '0', PUBLIC_URL: 'http://localhost',
    OIDC_ISSUER: 'http://localhost', OIDC_JWKS_URL: 'http://localhost', CURSOR_KEY: 'c'.repeat(43), REDIS_URL: 'redis://localhost', RATE_LIMIT_KEY: 'r'.repeat(43),
    CONTACT_SEALING_PUBLIC_JWK: '{"kty":"EC"}',
  });
  const app = await createApp(AppModule.with(config, { connect: false }), { service: SERVICE, config, ...api, logger: false });
  process.stdout.write(JSON.stringify({ openApi: openApiDocument(app, api), metrics: app.get(Metrics).documentation() }));
  process.exit(0);
});
