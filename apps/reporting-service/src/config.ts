import { commonConfig, json } from '@cahier/platform';
import { z } from 'zod';

/** JSON of an Ed25519 public key (RFC 8037). */
const publicJwk = json.pipe(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(1) }));

/** Everything this service reads from its environment. */
export const configSchema = commonConfig.extend({
  /** Verifies the links that notification-service puts into mails. */
  REPORT_LINK_PUBLIC_JWK: publicJwk,
  /** Where finished reports are kept: a folder that all replicas share and that is backed up. */
  REPORT_STORE_FOLDER: z.string().min(1),
});
export type Config = z.output<typeof configSchema>;

/** Inject with `@Inject(CONFIG)`. */
export const CONFIG = Symbol('Config');
