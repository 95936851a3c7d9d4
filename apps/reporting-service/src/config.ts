import { commonConfig, json } from '@cahier/platform';
import { z } from 'zod';

/** JSON of an Ed25519 public key (RFC 8037). */
const publicJwk = json.pipe(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(1) }));

/** A setting of the store that is not taken. */
const unused = z.string().default('');

/** Everything this service reads from its environment. */
export const configSchema = commonConfig.extend({
  /** Verifies the links that notification-service puts into mails. */
  REPORT_LINK_PUBLIC_JWK: publicJwk,
  /** Where finished reports are kept: a folder that all replicas share and that is backed up. Or else a bucket: */
  REPORT_STORE_FOLDER: unused,
  /** Name of a bucket in an S3-compatible store; nobody else writes there. */
  REPORT_STORE_BUCKET: unused,
  /** https://… of that store; its buckets are addressed by path. */
  REPORT_STORE_ENDPOINT: z.union([z.literal(''), z.url()]).default(''),
  REPORT_STORE_REGION: z.string().min(1).default('us-east-1'),
  /** Both may list, read, write and delete in the bucket, and nothing else. */
  REPORT_STORE_ACCESS_KEY: unused,
  REPORT_STORE_SECRET_KEY: unused,
}).superRefine((config, context) => {
  const wrong = (name: string, message: string): void => { context.addIssue({ code: 'custom', path: [name], message }); };
  const ofBucket = ['REPORT_STORE_BUCKET', 'REPORT_STORE_ENDPOINT', 'REPORT_STORE_ACCESS_KEY', 'REPORT_STORE_SECRET_KEY'] as const;
  const given = ofBucket.filter((name) => config[name] !== '');
  if (config.REPORT_STORE_FOLDER === '' && given.length === 0) wrong('REPORT_STORE_FOLDER', 'a folder or a bucket');
  else if (config.REPORT_STORE_FOLDER !== '') given.forEach((name) => { wrong(name, 'reports go to a folder already'); });
  else ofBucket.filter((name) => !given.includes(name)).forEach((name) => { wrong(name, 'needed with a bucket'); });
});
export type Config = z.output<typeof configSchema>;

/** Inject with `@Inject(CONFIG)`. */
export const CONFIG = Symbol('Config');
