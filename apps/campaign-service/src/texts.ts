import { z } from 'zod';

/** At most `max` code points on one line: such texts reach subjects, file names and calendars. */
export const line = (max: number) => text(max).refine((value) => !/\p{Cc}/u.test(value), { error: 'must be on one line, without control characters' });

/** At most `max` code points, with line breaks. */
export const text = (max: number) => z.string().refine((value) => /\S/u.test(value) && [...value.slice(0, 2 * max + 1)].length <= max, { error: `must have 1 to ${max} characters` }).meta({ minLength: 1, maxLength: max });
