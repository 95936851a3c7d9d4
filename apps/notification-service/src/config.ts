import { commonConfig, json, keyRing } from '@cahier/platform';
import type { JWK } from 'jose';
import { z } from 'zod';

const jwk = z.looseObject({ kty: z.string(), d: z.string() }).transform((value) => value as JWK);
const publicUrl = z.url().transform((url) => url.replace(/\/$/, ''));

/** Everything this service reads from its environment. */
export const configSchema = commonConfig.extend({
  /** Open what other services sealed for this one; the newest first. JSON array of JWKs. */
  CONTACT_SEALING_PRIVATE_JWKS: json.pipe(z.array(jwk).min(1)),
  /** Signs the links to reports: Ed25519. JSON of a JWK. */
  REPORT_LINK_PRIVATE_JWK: json.pipe(jwk),
  /** Sign the links to confirm, to choose and to unsubscribe. */
  LINK_KEYS: keyRing,
  /** smtp:// or smtps://, with credentials where the server wants them. */
  SMTP_URL: z.url(),
  /** One mailbox, with or without a display name. */
  MAIL_FROM: z.string().min(3),
  /** Connections to the SMTP server, and mails under way at once. */
  MAIL_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(5),
  /** Put before the queues' keys: several systems can share a Redis. */
  QUEUE_PREFIX: z.string().min(1).default('cahier'),
  CAMPAIGN_PUBLIC_URL: publicUrl,
  CONTRIBUTION_PUBLIC_URL: publicUrl,
  REPORTING_PUBLIC_URL: publicUrl,
  /** Pause between looks for rows to send, in milliseconds. */
  DISPATCH_POLL_MS: z.coerce.number().int().min(10).default(200),
  /** How long a process may be silent about a row that it took, in seconds; longer than an SMTP exchange may last. */
  DISPATCH_LEASE_SECONDS: z.coerce.number().int().min(1).default(60),
  /** How long after its closing a campaign keeps the addresses of those who wanted to hear of it. */
  CONTACT_RETENTION_DAYS: z.coerce.number().int().positive().default(365),
  /** Longest silence of an SMTP server, in seconds. */
  SMTP_TIMEOUT_SECONDS: z.coerce.number().int().min(1).default(30),
});
export type Config = z.output<typeof configSchema>;

/** Injection token of `Config`. */
export const CONFIG = Symbol('notification-service configuration');
