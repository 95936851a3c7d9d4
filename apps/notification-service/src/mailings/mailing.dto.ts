import { dispatchState, instant, mailingKind } from '@cahier/contracts';
import { z } from 'zod';

export const mailingsQuery = z.strictObject({ campaignId: z.uuid().toLowerCase() });
export const mailingParams = z.object({ mailingId: z.uuid().toLowerCase() });
export const dispatchParams = z.object({ dispatchId: z.uuid().toLowerCase() });
export const dispatchesQuery = z.strictObject({ state: dispatchState.optional(), limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(500).optional() });
export type DispatchesQuery = z.output<typeof dispatchesQuery>;

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
    /** Masked unless a mail operator asks. */
    recipient: z.string(),
    state: dispatchState,
    attempts: z.int(),
    settledAt: instant.nullable(),
    cause: z.string().nullable(),
  })
  .meta({ id: 'Dispatch' });
export type DispatchView = z.infer<typeof dispatchView>;
