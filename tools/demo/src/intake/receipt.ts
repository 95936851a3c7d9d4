import { bilingual } from '@cahier/contracts';
import { z } from 'zod';

/** What the platform promises to answer, read strictly: a field more or less is a difference. */
export const receipt = z.strictObject({
  contributionId: z.uuid(),
  filingNumber: z.string().regex(/^\d{4}-\d{6,}-[A-HJ-NP-Y]$/),
  receivedAt: z.iso.datetime({ precision: 3 }),
  bodySha256: z.string().regex(/^[0-9a-f]{64}$/),
  managementToken: z.string().min(22),
  responsibleService: z.strictObject({ name: bilingual, email: z.email(), postalAddress: z.string(), telephone: z.string() }),
});
export type Receipt = z.infer<typeof receipt>;
