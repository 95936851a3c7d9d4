/** Violates use-case-knows-no-entry. */
import { useless } from './track-thing.handler.js';

export const used = useless;
