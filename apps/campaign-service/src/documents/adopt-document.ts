import type { DataOf, documentPublished } from '@cahier/contracts';
import type { SaidFact } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';
import { DocumentNode } from './document-node.entity.js';
import { EXCERPT } from './markdown-outline.js';

type Node = DataOf<typeof documentPublished>['nodes'][number];

/** The outline as it was said, with its ids. Words that the database has it keeps; of others the event has the first ones. */
export async function adoptDocument(tx: EntityManager, { data: { campaignId, title, nodes }, version }: SaidFact<typeof documentPublished>): Promise<string | undefined> {
  await tx.query('UPDATE campaign SET event_version = $2 WHERE campaign_id = $1', [campaignId, version]);
  const known = await tx.findBy(DocumentNode, { campaignId });
  const words = new Map(known.map(({ hash, text }) => [hash, text]));
  await tx.delete(DocumentNode, { campaignId });
  await tx.query('INSERT INTO document (campaign_id, title) VALUES ($1, $2) ON CONFLICT (campaign_id) DO UPDATE SET title = excluded.title', [campaignId, title]);
  await tx.insert(DocumentNode, nodes.map((node, position) => ({
    campaignId, nodeId: node.id, position, kind: node.kind, parentId: node.parentId ?? null, number: node.number, heading: node.heading ?? null, hash: node.hash,
    text: words.get(node.hash) ?? node.excerpt ?? null,
  })));
  const cut = nodes.filter((node) => !words.has(node.hash) && isCut(node)).length;
  return cut === 0 ? undefined : `Campaign ${campaignId}: of ${cut} paragraphs only the first ${EXCERPT} characters are known. Import the same document again (before the opening): ids stay with their words.`;
}

const isCut = ({ excerpt = '' }: Node): boolean => [...excerpt].length >= EXCERPT;
