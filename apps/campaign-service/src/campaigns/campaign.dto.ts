import { audience, bilingual, campaignKind, campaignState, consultationRules, instant } from '@cahier/contracts';
import { emailAddress } from '@cahier/platform';
import { z } from 'zod';
import { line, text } from '../texts.js';

const heading = z.strictObject({ fr: line(200), en: line(200) });
const prose = z.strictObject({ fr: text(10_000), en: text(10_000) });
/** `YYYY-MM-DDTHH:mm[:ss[.mmm]]`; the zone stands beside it. */
const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?$/);
/** IANA name. */
const zone = z.string().regex(/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+){0,4}$/).max(64);
const reason = text(2_000);
/** Which of two instants is meant where the local time exists twice or never. */
const disambiguation = z.enum(['earlier', 'later']).optional();

export const campaignParams = z.object({ campaignId: z.uuid().toLowerCase() });
export type CampaignParams = z.infer<typeof campaignParams>;

/** A draft may lack what the checklist names. */
export const campaignBody = z
  .strictObject({
    editionId: z.uuid(),
    title: heading,
    kind: campaignKind,
    presentation: prose.optional(),
    rules: z.strictObject({
      purpose: prose, participation: prose, followUp: prose,
      responsibleService: z.strictObject({ name: heading, email: emailAddress, postalAddress: text(500), telephone: line(50) }),
    }).optional(),
    audiences: z.array(audience).max(20).default([]),
    zone: zone.optional(),
    opensAtLocal: localTime.optional(),
    closesAtLocal: localTime.optional(),
    reminderHoursBeforeClosing: z.array(z.int().min(1).max(2_160)).max(10).default([]),
    steeringBodyIds: z.array(z.uuid().toLowerCase()).max(50).default([]),
  })
  .meta({ id: 'CampaignBody' });
export type CampaignBody = z.output<typeof campaignBody>;

export const scheduleBody = z.strictObject({ zone: zone.optional(), opensAtLocal: localTime.optional(), closesAtLocal: localTime.optional(), disambiguation }).meta({ id: 'ScheduleCampaign' });
export const rescheduleBody = z.strictObject({ zone, opensAtLocal: localTime, closesAtLocal: localTime, disambiguation }).meta({ id: 'RescheduleCampaign' });
export const extendBody = z.strictObject({ closesAtLocal: localTime, reason, disambiguation }).meta({ id: 'ExtendCampaign' });
export const cancelBody = z.strictObject({ reason }).meta({ id: 'CancelCampaign' });

export const listQuery = z.strictObject({ state: campaignState.optional(), limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(500).optional() });
export type ListQuery = z.output<typeof listQuery>;
export const hubQuery = z.strictObject({ state: z.enum(['forthcoming', 'open', 'closed']).optional(), limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(500).optional() });
export type HubQuery = z.output<typeof hubQuery>;

/** As staff see it. */
export const campaignView = z
  .object({
    campaignId: z.uuid(),
    editionId: z.uuid(),
    state: campaignState,
    kind: campaignKind,
    title: bilingual,
    presentation: bilingual.nullable(),
    rules: consultationRules.nullable(),
    audiences: z.array(audience),
    reminderHoursBeforeClosing: z.array(z.int()),
    steeringBodyIds: z.array(z.uuid()),
    zone: z.string().nullable(),
    opensAtLocal: z.string().nullable(),
    closesAtLocal: z.string().nullable(),
    /** Resolved when it was scheduled; UTC. */
    opensAt: instant.nullable(),
    closesAt: instant.nullable(),
    /** Also the entity tag, for If-Match. */
    version: z.int(),
  })
  .meta({ id: 'Campaign' });
export type CampaignView = z.infer<typeof campaignView>;

/** As everybody sees it. */
export const publicCampaign = z
  .object({
    campaignId: z.uuid(),
    title: bilingual,
    kind: campaignKind,
    state: z.enum(['forthcoming', 'open', 'suspended', 'closed', 'cancelled']),
    presentation: bilingual,
    rules: consultationRules,
    audiences: z.array(audience),
    zone: z.string(),
    opensAt: instant,
    closesAt: instant,
    opensAtLocal: z.string(),
    closesAtLocal: z.string(),
    programme: bilingual,
    year: z.int(),
  })
  .meta({ id: 'PublicCampaign' });
export type PublicCampaign = z.infer<typeof publicCampaign>;

export const transitionView = z
  .object({ action: z.string(), fromState: campaignState, toState: campaignState, at: instant, by: z.string(), reason: z.string().nullable() })
  .meta({ id: 'Transition' });
export type TransitionView = z.infer<typeof transitionView>;

export const checklistView = z.object({ items: z.array(z.object({ code: z.string(), text: bilingual, done: z.boolean() })) }).meta({ id: 'Checklist' });

export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });
export interface Page<T> {
  readonly items: T[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}
