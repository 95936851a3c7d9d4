import { commonConfig, json, keyRing } from '@cahier/platform';
import type { JWK } from 'jose';
import { z } from 'zod';

/** Everything this service reads from its environment. */
export const configSchema = commonConfig.extend({
  /** notification-service's public key: addresses are sealed for it alone. JSON of a JWK on the curve P-256 or X25519. */
  CONTACT_SEALING_PUBLIC_JWK: json.pipe(z.looseObject({ kty: z.string() })).transform((jwk) => jwk as JWK),
  /** Encrypt the bodies as received. */
  BODY_KEYS: keyRing,
  /** Management tokens are derived from these. */
  TOKEN_KEYS: keyRing,
  /** Participant references are derived from these; a campaign keeps the version it began with. */
  PARTICIPANT_KEYS: keyRing,
  /** How long a request may wait to be written, in milliseconds; longer ones are refused, never judged. The seal waits as much. */
  MAX_QUEUE_WAIT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** Requests are refused while a whole batch waits and the one in front has waited for longer than this, in milliseconds: a retry costs less than a queue. */
  MAX_EXPECTED_WAIT_MS: z.coerce.number().int().positive().default(150),
  /** Requests in memory beyond which more are refused. */
  QUEUE_MAX_ROWS: z.coerce.number().int().positive().default(10_000),
  QUEUE_MAX_BYTES: z.coerce.number().int().positive().default(67_108_864),
  /** How late the event loop may be for the end of a crowd, in milliseconds, before requests are refused. */
  MAX_LOOP_LAG_MS: z.coerce.number().int().positive().default(50),
  /** How long after its closing a campaign keeps the addresses of its authors. */
  CONTACT_RETENTION_DAYS: z.coerce.number().int().positive().default(365),
  /** Pause between looks for campaigns to seal, in milliseconds. */
  SEAL_POLL_MS: z.coerce.number().int().min(10).default(250),
});
export type Config = z.output<typeof configSchema>;

/** Injection token of `Config`. */
export const CONFIG = Symbol('contribution-service configuration');
