import { z } from 'zod';
import { defineEvent, instant } from './event.js';
import { defineTopic } from './topic.js';
import { sha256Hex } from './vocabulary.js';

export const intakeEvents = defineTopic({ name: 'intake.events', publisher: 'contribution-service', key: 'campaignId' });

/** Nothing more can be accepted or withdrawn: the set of contributions is final, and this is its fingerprint. */
export const intakeSealed = defineEvent(intakeEvents, 'intake.sealed.v1', z.object({
  campaignId: z.uuid(),
  closesAt: instant,
  /** All that were accepted, whatever became of them. */
  accepted: z.int().nonnegative(),
  /** Of these, withdrawn by their authors. */
  withdrawn: z.int().nonnegative(),
  /** SHA-256 over the lines `contributionId bodySha256 filed|withdrawn\n`, sorted by id in bytes; a hidden contribution counts as filed. */
  digest: sha256Hex,
}));
