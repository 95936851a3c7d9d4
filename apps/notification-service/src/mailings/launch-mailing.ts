import { type CampaignFacts, eventId, type Language, type MailingKind, sealedContact } from '@cahier/contracts';
import { canonicalEmail, currentTraceparent, unseal } from '@cahier/platform';
import type { JWK } from 'jose';
import type { EntityManager } from 'typeorm';
import { laneOf } from '../dispatch/lanes.js';
import type { MailingParameters, RecipientParameters } from '../mails/contents.js';

/** One who is to be told. */
export interface Recipient {
  readonly address: string;
  readonly language: Language;
  readonly content: object;
  readonly subscriptionId?: string;
  /** Of a member of a steering body. */
  readonly memberId?: string;
}

/**
 * A dispatch's id, and so its Message-ID, comes from what it says and to whom: made anew after a restore, it is the same mail.
 * A UUID of version 8 (RFC 9562 §5.8). SQL over the kind, the subject, and who among its recipients: never an address, which could be guessed from it.
 */
const dispatchId = (kind: string, subjectId: string, who: string): string => `overlay(overlay(encode(substring(sha256(convert_to(concat_ws(':', ${kind}, ${subjectId}, ${who}), 'UTF8')) FOR 16), 'hex') PLACING '8' FROM 13) PLACING 'a' FROM 17)::uuid`;

/** Of the standing mailing of a kind and a campaign. */
const standingId = (kind: MailingKind, campaignId: string): string => eventId(`mailing.${kind}`, campaignId, 1);

/** Tells one person something of a kind that has no end, such as a receipt. @returns nothing new for one who was told already. */
export async function tell<K extends MailingKind>(tx: EntityManager, kind: K, campaignId: string, subjectId: string, recipients: readonly (Omit<Recipient, 'content'> & { content: RecipientParameters<K> })[], at: Date): Promise<void> {
  const mailingId = standingId(kind, campaignId);
  await tx.query(
    `INSERT INTO mailing (mailing_id, kind, campaign_id, subject_id, content, launched_at, audience_frozen_at, standing, completions)
     VALUES ($1, $2, $3, $1, '{}', $4, $4, true, 0) ON CONFLICT DO NOTHING`,
    [mailingId, kind, campaignId, at],
  );
  await freeze(tx, mailingId, kind, subjectId, recipients);
}

/** Begins a mailing with an end. @returns its id, or undefined when it was begun before. */
export async function launch<K extends MailingKind>(tx: EntityManager, kind: K, campaignId: string, subjectId: string, content: MailingParameters<K>, at: Date): Promise<string | undefined> {
  const mailingId = eventId(`mailing.${kind}`, subjectId, 1);
  const launched = await tx.query<unknown[]>(
    `INSERT INTO mailing (mailing_id, kind, campaign_id, subject_id, content, launched_at, standing, completions)
     VALUES ($1, $2, $3, $4, $5, $6, false, 0) ON CONFLICT DO NOTHING RETURNING 1`,
    [mailingId, kind, campaignId, subjectId, content, at],
  );
  return launched.length > 0 ? mailingId : undefined;
}

/** Freezes the audience: from now on nobody comes or goes but by unsubscribing. */
export async function freeze(tx: EntityManager, mailingId: string, kind: MailingKind, subjectId: string, recipients: readonly Recipient[]): Promise<void> {
  const rows = recipients.map(({ address, language, content, subscriptionId, memberId }) => ({
    recipient: canonicalEmail(address), address, language, content, subscription_id: subscriptionId ?? null, member_id: memberId ?? null,
  }));
  await tx.query(
    `INSERT INTO dispatch (dispatch_id, mailing_id, kind, subject_id, recipient, address, language, content, subscription_id, lane, state, attempts, traceparent)
     SELECT ${dispatchId('$2::text', '$3::uuid', 'coalesce(subscription_id, member_id)')}, $1, $2, $3, recipient, address, language, content, subscription_id, $4, 'pending', 0, $6
     FROM jsonb_to_recordset($5::jsonb) AS r (recipient text, address text, language text, content jsonb, subscription_id uuid, member_id uuid)
     ON CONFLICT DO NOTHING`,
    [mailingId, kind, subjectId, laneOf(kind), JSON.stringify(rows), currentTraceparent() ?? null],
  );
}

/** Freezes the confirmed subscribers who want this kind. */
export async function freezeSubscribers(tx: EntityManager, mailingId: string, kind: MailingKind, subjectId: string, campaignId: string, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO dispatch (dispatch_id, mailing_id, kind, subject_id, recipient, address, language, content, subscription_id, lane, state, attempts, traceparent)
     SELECT ${dispatchId('$2::text', '$3::uuid', 'subscription_id')}, $1, $2::text, $3, recipient, address, language, '{}', subscription_id, $4, 'pending', 0, $6
     FROM subscription WHERE campaign_id = $5 AND state = 'confirmed' AND kinds ? $2::text
     ON CONFLICT DO NOTHING`,
    [mailingId, kind, subjectId, laneOf(kind), campaignId, currentTraceparent() ?? null],
  );
  await tx.query('UPDATE mailing SET audience_frozen_at = $2 WHERE mailing_id = $1', [mailingId, at]);
}

/** Freezes the members of the campaign's steering bodies: one mail for each address, whoever sits in several bodies. */
export async function freezeMembers(tx: EntityManager, mailing: { mailingId: string; subjectId: string; reportId: string }, campaign: CampaignFacts, keys: readonly JWK[], linkTo: (memberId: string) => Promise<string>, at: Date): Promise<void> {
  const people = new Map<string, { memberId: string; address: string; name: string; language: Language; bodies: string[] }>();
  for (const body of campaign.steeringBodies) {
    for (const { memberId, sealedContact: sealed } of body.members) {
      const contact = await unseal(keys, sealed, sealedContact);
      const known = people.get(canonicalEmail(contact.email));
      if (known) known.bodies.push(body.name[known.language]);
      else people.set(canonicalEmail(contact.email), { memberId, address: contact.email, name: contact.name ?? contact.email, language: contact.language, bodies: [body.name[contact.language]] });
    }
  }
  const recipients = await Promise.all([...people.values()].map(async ({ memberId, address, name, language, bodies }) => ({ address, language, memberId, content: { name, bodies, reportUrl: await linkTo(memberId) } })));
  await freeze(tx, mailing.mailingId, 'report', mailing.subjectId, recipients);
  await tx.query('UPDATE mailing SET audience_frozen_at = $2 WHERE mailing_id = $1', [mailing.mailingId, at]);
}
