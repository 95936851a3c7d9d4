import { commonConfig, json } from '@cahier/platform';
import type { JWK } from 'jose';
import { z } from 'zod';

/** Everything this service reads from its environment. */
export const configSchema = commonConfig.extend({
  /** notification-service's public key: members' addresses are sealed for it alone. JSON of a JWK. */
  CONTACT_SEALING_PUBLIC_JWK: json.pipe(z.looseObject({ kty: z.string() })).transform((jwk) => jwk as JWK),
  /** How far ahead a change of window must be, so that every service has heard of it, in seconds. */
  WINDOW_CHANGE_NOTICE_SECONDS: z.coerce.number().positive().default(30),
  /** Pause between looks at the schedule, in milliseconds. */
  SCHEDULER_POLL_MS: z.coerce.number().int().min(10).default(250),
});
export type Config = z.output<typeof configSchema>;

/** Injection token of `Config`. */
export const CONFIG = Symbol('campaign-service configuration');
