import { z } from 'zod';

export const listStaffActions = z.strictObject({
  campaignId: z.uuid().toLowerCase().optional(),
  /** Of the subject of an access token. */
  subject: z.string().min(1).max(200).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  /** `next` of the page before. */
  cursor: z.string().regex(/^[1-9]\d{0,17}$/).optional(),
});
export type ListStaffActions = z.infer<typeof listStaffActions>;

export const staffActionView = z
  .object({
    at: z.iso.datetime(),
    /** Of the access token of whoever did it. */
    subject: z.string(),
    /** Such as `campaign.schedule`. */
    action: z.string(),
    targetId: z.uuid().nullable(),
    campaignId: z.uuid().nullable(),
    /** Of the request, as in the logs. */
    traceId: z.string().nullable(),
  })
  .meta({ id: 'StaffAction' });
export type StaffActionView = z.infer<typeof staffActionView>;

export const staffActionPage = z.object({ items: z.array(staffActionView), next: z.string().nullable() }).meta({ id: 'StaffActionPage' });
export type StaffActionPage = z.infer<typeof staffActionPage>;
