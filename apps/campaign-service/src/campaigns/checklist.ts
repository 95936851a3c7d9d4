import type { Bilingual } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';
import type { Campaign } from './campaign.entity.js';
import { resolveLocalTime } from './local-time.js';
import { reminderInstants } from './reminders.js';

export interface ChecklistItem {
  /** Stable name. */
  readonly code: string;
  readonly text: Bilingual;
  readonly done: boolean;
}

interface LocalDates {
  readonly zone: string;
  readonly opensAtLocal: string;
  readonly closesAtLocal: string;
}

/** What must be there before a campaign can be scheduled; `given` are dates that come with the request. */
export async function contentChecklist(tx: Pick<EntityManager, 'query'>, campaign: Campaign, given: Partial<LocalDates> = {}): Promise<ChecklistItem[]> {
  const [row] = await tx.query<{ document: boolean; bodies: boolean }[]>(
    `SELECT EXISTS (SELECT FROM document WHERE campaign_id = $1) AS document,
            EXISTS (SELECT FROM campaign_steering_body AS cb JOIN member AS m USING (steering_body_id) WHERE cb.campaign_id = $1) AS bodies`,
    [campaign.campaignId],
  );
  return [
    { code: 'presentation', text: { fr: 'La présentation est écrite en français et en anglais.', en: 'The presentation is written in French and English.' }, done: campaign.presentation !== null },
    { code: 'rules', text: { fr: 'Les modalités de la consultation sont complètes (CRPA L.131-1).', en: 'The rules of the consultation are complete (CRPA L.131-1).' }, done: campaign.rules !== null },
    { code: 'audiences', text: { fr: 'Au moins un public est visé.', en: 'At least one audience is addressed.' }, done: campaign.audiences.length > 0 },
    { code: 'document', text: { fr: 'Le document soumis est importé.', en: 'The consulted document is imported.' }, done: row!.document },
    { code: 'steering', text: { fr: 'Une instance de pilotage au moins a un membre.', en: 'At least one steering body has a member.' }, done: row!.bodies },
    { code: 'dates', text: { fr: 'L’ouverture, la clôture et le fuseau horaire sont fixés.', en: 'Opening, closing and time zone are set.' }, done: localDates(campaign, given) !== undefined },
  ];
}

/**
 * What a campaign would say of its own dates if it were scheduled `at`: with these it decides, here it only tells in time.
 * @param notice milliseconds.
 */
export function datesChecklist(campaign: Campaign, at: Date, notice: number): ChecklistItem[] {
  const local = localDates(campaign);
  const [opensAt, closesAt] = [local?.opensAtLocal, local?.closesAtLocal].map((text) => (local && text !== undefined ? instantOf(text, local.zone) : undefined));
  return [
    { code: 'dates-in-order', text: { fr: 'La clôture suit l’ouverture.', en: 'Closing comes after opening.' }, done: Boolean(opensAt && closesAt && opensAt < closesAt) },
    { code: 'opening-ahead', text: { fr: 'L’ouverture est assez éloignée pour être annoncée.', en: 'The opening is far enough ahead to be announced.' }, done: Boolean(opensAt && opensAt.getTime() - at.getTime() >= notice) },
    { code: 'reminders', text: { fr: 'Chaque rappel tombe entre l’ouverture et la clôture.', en: 'Each reminder falls between opening and closing.' }, done: Boolean(opensAt && closesAt && reminderInstants(campaign.reminderHours, closesAt).every(({ due }) => due > opensAt)) },
  ];
}

/** The dates asked for, or those of the draft; undefined while one is missing. */
export function localDates(campaign: Campaign, given: Partial<LocalDates> = {}): LocalDates | undefined {
  const zone = given.zone ?? campaign.zone;
  const opensAtLocal = given.opensAtLocal ?? campaign.opensAtLocal;
  const closesAtLocal = given.closesAtLocal ?? campaign.closesAtLocal;
  return zone && opensAtLocal && closesAtLocal ? { zone, opensAtLocal, closesAtLocal } : undefined;
}

/** Which of two instants is asked when scheduling; undefined for a time that is none. */
function instantOf(local: string, zone: string): Date | undefined {
  try {
    return resolveLocalTime(local, zone, 'earlier');
  } catch {
    return undefined;
  }
}
