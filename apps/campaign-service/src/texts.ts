import { says } from '@cahier/platform';
import { z } from 'zod';

/** At most `max` code points on one line: such texts reach subjects, file names and calendars. */
export const line = (max: number) => text(max).refine((value) => !/\p{Cc}/u.test(value), says({ fr: 'Sur une seule ligne, sans caractère de contrôle', en: 'On one line, without control characters' }));

/** At most `max` code points, with line breaks. */
export const text = (max: number) => z.string().refine((value) => /\S/u.test(value) && [...value.slice(0, 2 * max + 1)].length <= max, says({ fr: `De 1 à ${max} caractères`, en: `1 to ${max} characters` })).meta({ minLength: 1, maxLength: max });
