import { bilingual, language } from '@cahier/contracts';
import { emailAddress } from '@cahier/platform';
import { z } from 'zod';
import { line } from '../texts.js';

export const createBodyBody = z.strictObject({ code: z.string().regex(/^[A-Z0-9][A-Z0-9-]{1,29}$/), name: z.strictObject({ fr: line(200), en: line(200) }) }).meta({ id: 'CreateSteeringBody' });
export const addMemberBody = z.strictObject({ name: line(200), email: emailAddress, language }).meta({ id: 'AddMember' });
export const bodyParams = z.object({ bodyId: z.uuid().toLowerCase() });
export const memberParams = z.object({ bodyId: z.uuid().toLowerCase(), memberId: z.uuid().toLowerCase() });

export const steeringBodyView = z
  .object({ steeringBodyId: z.uuid(), code: z.string(), name: bilingual, members: z.array(z.object({ memberId: z.uuid(), name: z.string(), email: z.string(), language })) })
  .meta({ id: 'SteeringBody' });
export type SteeringBodyView = z.infer<typeof steeringBodyView>;
