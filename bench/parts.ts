import { growth } from './growth/growth.part.js';
import { intake } from './intake/intake.part.js';
import { mail } from './mail/mail.part.js';
import { overload } from './overload/overload.part.js';
import type { Part } from './part.js';
import { projection } from './projection/projection.part.js';
import { report } from './report/report.part.js';
import { together } from './together/together.part.js';

/** In the order in which they run; `npm run bench -- <name>` picks some. */
export const parts: readonly Part[] = [intake, mail, report, together, projection, overload, growth];
