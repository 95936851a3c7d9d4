import { bilingual } from '@cahier/contracts';
import { z } from 'zod';
import { line } from '../texts.js';

const heading = z.strictObject({ fr: line(200), en: line(200) });
export const createProgrammeBody = z.strictObject({ title: heading }).meta({ id: 'CreateProgramme' });
export const createEditionBody = z.strictObject({ year: z.int().min(1900).max(2999), label: heading, predecessorEditionId: z.uuid().optional() }).meta({ id: 'CreateEdition' });
export const programmeParams = z.object({ programmeId: z.uuid().toLowerCase() });

export const programmeView = z.object({ programmeId: z.uuid(), title: bilingual }).meta({ id: 'Programme' });
export type ProgrammeView = z.infer<typeof programmeView>;
export const editionView = z.object({ editionId: z.uuid(), programmeId: z.uuid(), year: z.int(), label: bilingual, predecessorEditionId: z.uuid().nullable() }).meta({ id: 'Edition' });
export type EditionView = z.infer<typeof editionView>;
