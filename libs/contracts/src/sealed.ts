import { z } from 'zod';
import { language } from './vocabulary.js';

/** What a JWE for notification-service holds (compact serialisation, ECDH-ES with A256GCM; RFC 7516, RFC 7518 §4.6). Never in clear outside it. */
export const sealedContact = z.object({
  email: z.email(),
  language,
  /** Of a member of a steering body. */
  name: z.string().optional(),
  /** Lets the author read and withdraw the contribution. */
  managementToken: z.string().optional(),
});
export type SealedContact = z.infer<typeof sealedContact>;

/** Claims of the link to a report in a member's mail: a JWT signed by notification-service (EdDSA), verified by reporting-service, valid 30 days. */
export const reportLinkClaims = z.object({
  iss: z.literal('notification-service'),
  aud: z.literal('reporting-service'),
  /** The member's id. */
  sub: z.uuid(),
  reportId: z.uuid(),
  exp: z.int(),
});
