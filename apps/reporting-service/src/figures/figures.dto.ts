import { audience, bilingual, contributionKind, instant, stance } from '@cahier/contracts';
import { z } from 'zod';

const counts = { contributions: z.int().nonnegative(), distinctAddresses: z.int().nonnegative() };

/** The figures of one campaign at one cut-off. Each list's contributions add up to the total. */
export const figures = z
  .object({
    campaignId: z.uuid(),
    /** Contributions received before this instant. */
    cutoff: instant,
    /** IANA zone of days and hours. */
    zone: z.string(),
    /** Accepted, whatever became of them. */
    ...counts,
    withdrawn: z.int().nonnegative(),
    hidden: z.int().nonnegative(),
    /** Every day from the opening to the cut-off, also those without any. */
    byDay: z.array(z.object({ day: z.iso.date(), ...counts })),
    /** Hours that saw any, such as 2026-03-02T14. */
    byHour: z.array(z.object({ hour: z.string(), ...counts })),
    /** In the document's order; without id: what points to no section. */
    bySection: z.array(
      z.object({
        sectionId: z.uuid().nullable(),
        number: z.string().nullable(),
        heading: z.string().nullable(),
        ...counts,
        byKind: z.partialRecord(contributionKind, z.int().positive()),
        byStance: z.partialRecord(stance, z.int().positive()),
      }),
    ),
    byKind: z.array(z.object({ kind: contributionKind, ...counts })),
    /** Null: none was stated. */
    byStance: z.array(z.object({ stance: stance.nullable(), ...counts })),
    /** Null: none was stated. */
    byAudience: z.array(z.object({ audience: audience.nullable(), ...counts })),
    /** What each figure means. */
    definitions: z.record(z.string(), bilingual),
  })
  .meta({ id: 'Figures' });
export type Figures = z.infer<typeof figures>;
export type SectionFigures = Figures['bySection'][number];
