import type { Bilingual } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';
import type { Campaign } from './campaign.entity.js';

export interface ChecklistItem {
  /** Stable name. */
  readonly code: string;
  readonly text: Bilingual;
  readonly done: boolean;
}

/** What must be there before a campaign can be scheduled; `given` are dates that come with the request. */
export async function checklist(tx: Pick<EntityManager, 'query'>, campaign: Campaign, given: { zone?: string; opensAtLocal?: string; closesAtLocal?: string } = {}): Promise<ChecklistItem[]> {
  const [row] = await tx.query<{ document: boolean; bodies: boolean }[]>(
    `SELECT EXISTS (SELECT FROM document WHERE campaign_id = $1) AS document,
            EXISTS (SELECT FROM campaign_steering_body AS cb JOIN member AS m USING (steering_body_id) WHERE cb.campaign_id = $1) AS bodies`,
    [campaign.campaignId],
  );
  const dates = (given.zone ?? campaign.zone) && (given.opensAtLocal ?? campaign.opensAtLocal) && (given.closesAtLocal ?? campaign.closesAtLocal);
  return [
    { code: 'presentation', text: { fr: 'La présentation est écrite en français et en anglais.', en: 'The presentation is written in French and English.' }, done: campaign.presentation !== null },
    { code: 'rules', text: { fr: 'Les modalités de la consultation sont complètes (CRPA L.131-1).', en: 'The rules of the consultation are complete (CRPA L.131-1).' }, done: campaign.rules !== null },
    { code: 'audiences', text: { fr: 'Au moins un public est visé.', en: 'At least one audience is addressed.' }, done: campaign.audiences.length > 0 },
    { code: 'document', text: { fr: 'Le document soumis est importé.', en: 'The consulted document is imported.' }, done: row!.document },
    { code: 'steering', text: { fr: 'Une instance de pilotage au moins a un membre.', en: 'At least one steering body has a member.' }, done: row!.bodies },
    { code: 'dates', text: { fr: 'L’ouverture, la clôture et le fuseau horaire sont fixés.', en: 'Opening, closing and time zone are set.' }, done: Boolean(dates) },
  ];
}
