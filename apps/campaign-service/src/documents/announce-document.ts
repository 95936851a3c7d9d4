import { type Bilingual, documentPublished, type NodeKind } from '@cahier/contracts';
import { appendToOutbox } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';
import { EXCERPT } from './markdown-outline.js';

interface Row {
  readonly title: Bilingual;
  readonly node_id: string;
  readonly kind: NodeKind;
  readonly parent_id: string | null;
  readonly number: string;
  readonly heading: string | null;
  readonly excerpt: string | null;
  readonly hash: string;
}

/** Says the outline of the campaign's document, in the transaction that holds the campaign's row. */
export async function announceDocument(tx: EntityManager, campaign: { campaignId: string; eventVersion: number }, at: Date): Promise<void> {
  const rows = await tx.query<Row[]>(
    `SELECT d.title, n.node_id, n.kind, n.parent_id, n.number, n.heading, left(n.text, ${EXCERPT}) AS excerpt, n.hash
     FROM document AS d JOIN document_node AS n USING (campaign_id) WHERE d.campaign_id = $1 ORDER BY n.position`,
    [campaign.campaignId],
  );
  campaign.eventVersion++;
  await tx.query('UPDATE campaign SET event_version = $2 WHERE campaign_id = $1', [campaign.campaignId, campaign.eventVersion]);
  const nodes = rows.map(({ node_id: id, kind, parent_id, number, heading, excerpt, hash }) => ({
    id, kind, number, hash,
    ...(parent_id !== null && { parentId: parent_id }),
    ...(heading !== null && { heading }),
    ...(excerpt !== null && { excerpt }),
  }));
  await appendToOutbox(tx, documentPublished, { campaignId: campaign.campaignId, title: rows[0]!.title, nodes }, campaign.eventVersion, at);
}
