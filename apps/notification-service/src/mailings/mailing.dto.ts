import { dispatchState, instant, mailingKind } from '@cahier/contracts';
import { z } from 'zod';

export const mailingsQuery = z.strictObject({ campaignId: z.uuid().toLowerCase() });
export const mailingParams = z.object({ mailingId: z.uuid().toLowerCase() });
export const dispatchParams = z.object({ dispatchId: z.uuid().toLowerCase() });
const pageQuery = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(500).optional() };
export const dispatchesQuery = z.strictObject({ state: dispatchState.optional(), ...pageQuery });
export type DispatchesQuery = z.output<typeof dispatchesQuery>;
/** Ends that ask for somebody; the many others are found by their mailing. */
export const troublesQuery = z.strictObject({ state: dispatchState.extract(['indeterminate', 'failed', 'expired', 'bounced']), decided: z.stringbool().optional(), ...pageQuery });
export type TroublesQuery = z.output<typeof troublesQuery>;

export const mailingView = z
  .object({
    mailingId: z.uuid(),
    kind: mailingKind,
    campaignId: z.uuid(),
    launchedAt: instant,
    /** Null for one that has no end, such as receipts, and until everybody is in a terminal state. */
    completedAt: instant.nullable(),
    /** Recipients by state. */
    counts: z.partialRecord(dispatchState, z.int().nonnegative()),
  })
  .meta({ id: 'Mailing' });
export type MailingView = z.infer<typeof mailingView>;

export const dispatchView = z
  .object({
    dispatchId: z.uuid(),
    mailingId: z.uuid(),
    kind: mailingKind,
    /** Masked unless a mail operator asks. */
    recipient: z.string(),
    state: dispatchState,
    attempts: z.int(),
    settledAt: instant.nullable(),
    cause: z.string().nullable(),
    /** Of a mail operator, when its fate was unknown: the last one. */
    decision: z.object({ what: z.enum(['resend', 'leave']), by: z.string(), at: instant }).nullable(),
  })
  .meta({ id: 'Dispatch' });
export type DispatchView = z.infer<typeof dispatchView>;

export const dispatchPage = z.object({ items: z.array(dispatchView), next: z.string().nullable() });
export type DispatchPage = z.infer<typeof dispatchPage>;
