import { z } from 'zod';

const counts = { contributions: z.int(), distinctAddresses: z.int() };

/** GET /staff/campaigns/{id}/figures, as far as it is checked. */
export const figures = z.object({
  ...counts,
  withdrawn: z.int(),
  hidden: z.int(),
  zone: z.string(),
  byDay: z.array(z.object({ day: z.string(), ...counts })),
  byHour: z.array(z.object({ hour: z.string(), ...counts })),
  bySection: z.array(z.object({ heading: z.string().nullable(), ...counts })),
  byKind: z.array(z.object({ kind: z.string(), ...counts })),
  byStance: z.array(z.object({ stance: z.string().nullable(), ...counts })),
});
export type Figures = z.infer<typeof figures>;
