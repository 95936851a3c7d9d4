import { z } from 'zod';
import { defineEvent, instant } from './event.js';
import { defineTopic } from './topic.js';
import { dispatchState, mailingKind } from './vocabulary.js';

export const notificationEvents = defineTopic({ name: 'notification.events', publisher: 'notification-service', key: 'mailingId' });

/** Every recipient of a mailing is in a terminal state. */
export const mailingCompleted = defineEvent(notificationEvents, 'mailing.completed.v1', z.object({
  mailingId: z.uuid(),
  campaignId: z.uuid(),
  kind: mailingKind,
  /** Recipients by terminal state; their sum is the audience frozen at launch. */
  counts: z.partialRecord(dispatchState, z.int().nonnegative()),
  completedAt: instant,
}));
