import { z } from 'zod';
import { defineEvent, instant } from './event.js';
import { defineTopic } from './topic.js';
import { audience, bilingual, campaignKind, campaignState, nodeKind, sha256Hex } from './vocabulary.js';

export const campaignEvents = defineTopic({ name: 'campaign.events', publisher: 'campaign-service', key: 'campaignId' });

/** Opening and closing, resolved to UTC once, when the campaign was scheduled; the local text is what was typed and what is shown. */
export const campaignWindow = z.object({
  /** IANA zone, such as Europe/Paris. */
  zone: z.string(),
  opensAt: instant,
  /** The first instant at which a contribution is late. */
  closesAt: instant,
  /** As typed, `YYYY-MM-DDTHH:mm[:ss[.mmm]]`. */
  opensAtLocal: z.string(),
  closesAtLocal: z.string(),
});

/** The rules of the consultation, published before it opens (CRPA L.131-1). */
export const consultationRules = z.object({
  /** What the consultation is for and what it may change. */
  purpose: bilingual,
  /** How to take part, who may, and how contributions are moderated. */
  participation: bilingual,
  /** What will be done with the contributions and when the results are made public. */
  followUp: bilingual,
  /** The service in charge, as the receipt must state it (CRPA R.112-11-1). */
  responsibleService: z.object({ name: bilingual, email: z.email(), postalAddress: z.string().min(1), telephone: z.string().min(1) }),
});
export type ConsultationRules = z.infer<typeof consultationRules>;

export const steeringBody = z.object({
  bodyId: z.uuid(),
  /** Short and unique, such as DNS or COPIL; the value of the access token's claim `bodies`. */
  code: z.string(),
  name: bilingual,
  members: z.array(
    z.object({
      memberId: z.uuid(),
      /** JWE of a `SealedContact` for notification-service alone. */
      sealedContact: z.string(),
    }),
  ),
});

/** The campaign as it is after the event: whole, so that a consumer upserts it guarded by the version and tolerates a gap. */
export const campaignFacts = z.object({
  campaignId: z.uuid(),
  programme: z.object({ programmeId: z.uuid(), title: bilingual }),
  edition: z.object({ editionId: z.uuid(), year: z.int(), label: bilingual }),
  title: bilingual,
  presentation: bilingual,
  kind: campaignKind,
  state: campaignState,
  /** Absent after a return to draft. */
  window: campaignWindow.optional(),
  audiences: z.array(audience),
  rules: consultationRules,
  steeringBodies: z.array(steeringBody),
});
export type CampaignFacts = z.infer<typeof campaignFacts>;

const reason = z.string().min(1);

/** The opening and closing instants are fixed and public. */
export const campaignScheduled = defineEvent(campaignEvents, 'campaign.scheduled.v1', campaignFacts);
/** The dates changed before the opening. */
export const campaignRescheduled = defineEvent(campaignEvents, 'campaign.rescheduled.v1', campaignFacts);
/** Back to draft before the opening: there is no window any more. */
export const campaignUnscheduled = defineEvent(campaignEvents, 'campaign.unscheduled.v1', campaignFacts);
/** Contributions are accepted from now on. */
export const campaignOpened = defineEvent(campaignEvents, 'campaign.opened.v1', campaignFacts);
/** The closing moved later while the campaign was open. */
export const campaignDeadlineExtended = defineEvent(campaignEvents, 'campaign.deadline-extended.v1', campaignFacts.extend({ reason, previousClosesAt: instant }));
/** Filing is interrupted; the closing instant does not move. */
export const campaignSuspended = defineEvent(campaignEvents, 'campaign.suspended.v1', campaignFacts.extend({ reason }));
/** Filing goes on after an interruption. */
export const campaignResumed = defineEvent(campaignEvents, 'campaign.resumed.v1', campaignFacts);
/** A reminder's moment came while the campaign was open. */
export const campaignReminderDue = defineEvent(campaignEvents, 'campaign.reminder-due.v1', campaignFacts.extend({
  /** Identity of the reminder: one schedule row. */
  reminderId: z.uuid(),
  /** Whole hours before closing. */
  hoursBeforeClosing: z.int().positive(),
}));
/** The closing instant has passed: what is filed now is late. */
export const campaignClosed = defineEvent(campaignEvents, 'campaign.closed.v1', campaignFacts);
/** Nothing will come of the campaign; the reason is public. */
export const campaignCancelled = defineEvent(campaignEvents, 'campaign.cancelled.v1', campaignFacts.extend({ reason }));
/** The closing report was made public by staff. */
export const campaignPublished = defineEvent(campaignEvents, 'campaign.published.v1', campaignFacts);
/** The steering bodies, or the members of one, changed. */
export const campaignSteeringChanged = defineEvent(campaignEvents, 'campaign.steering-changed.v1', campaignFacts);

/** The consulted document, as an outline: what contributions point to. The text itself is served by campaign-service. */
export const documentPublished = defineEvent(campaignEvents, 'document.published.v1', z.object({
  campaignId: z.uuid(),
  title: bilingual,
  nodes: z.array(
    z.object({
      id: z.uuid(),
      kind: nodeKind,
      /** The node that holds this one; absent for a chapter. */
      parentId: z.uuid().optional(),
      /** As shown, such as 3.1.2. */
      number: z.string(),
      /** Of a chapter or section. */
      heading: z.string().optional(),
      /** The first 160 code points of a paragraph. */
      excerpt: z.string().optional(),
      /** Of the node's own text, so that a change can be seen. */
      hash: sha256Hex,
    }),
  ).min(1),
}));
