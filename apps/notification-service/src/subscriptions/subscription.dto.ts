import { language } from '@cahier/contracts';
import { emailAddress } from '@cahier/platform';
import { z } from 'zod';
import { SUBSCRIBER_KINDS } from './subscription.entity.js';

export const subscribeBody = z.strictObject({ email: emailAddress, language: language.default('fr'), campaignId: z.uuid().toLowerCase(), consent: z.literal(true) }).meta({ id: 'Subscribe' });
export type SubscribeBody = z.output<typeof subscribeBody>;

const token = z.string().max(200);
export const linkQuery = z.object({ token });
export type LinkQuery = z.infer<typeof linkQuery>;
export const confirmForm = z.strictObject({ token });
/** A mail program's one-click POST has no field of ours: the token is in the address (RFC 8058). */
export const unsubscribeForm = z.strictObject({ token: token.optional(), 'List-Unsubscribe': z.literal('One-Click').optional() });
export const unsubscribeQuery = z.object({ token: token.optional() });
const box = z.literal('on').optional();
export const preferencesForm = z.strictObject({ token, ...Object.fromEntries(SUBSCRIBER_KINDS.map((kind) => [kind, box])) as Record<(typeof SUBSCRIBER_KINDS)[number], typeof box> });
