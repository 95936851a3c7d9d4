import { type Actor, recordStaffAction, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { lockCampaign } from '../campaigns/change-campaign.js';
import { announceDocument } from './announce-document.js';
import { DocumentFixed } from './document.errors.js';
import { DocumentNode } from './document-node.entity.js';
import { keepIds } from './keep-ids.js';
import { type OutlineNode, outlineOf } from './markdown-outline.js';

export interface ImportedDocument {
  readonly chapters: number;
  readonly sections: number;
  readonly paragraphs: number;
}

/** Puts a Markdown text in the place of the campaign's document; words that stay keep their ids. */
@Injectable()
export class ImportDocument {
  constructor(private readonly db: DataSource) {}

  /** @throws CampaignUnknown, DocumentRefused, and DocumentFixed from the opening on. */
  async execute(campaignId: string, markdown: string, by: Actor): Promise<ImportedDocument> {
    const outline = outlineOf(markdown);
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      const at = await serviceNow(tx);
      if (!campaign.textMayChange(at)) throw new DocumentFixed({ fr: 'Le document ne change plus après l’ouverture.', en: 'The document no longer changes after the opening.' }, { state: campaign.state });
      await replace(tx, campaignId, campaign.title, outline);
      if (campaign.state === 'scheduled') await announceDocument(tx, campaign, at);
      await recordStaffAction(tx, by, { action: 'document.import', targetId: campaignId, campaignId });
    });
    const count = (kind: string): number => outline.filter((node) => node.kind === kind).length;
    return { chapters: count('chapter'), sections: count('section'), paragraphs: count('paragraph') };
  }
}

async function replace(tx: EntityManager, campaignId: string, title: object, outline: readonly OutlineNode[]): Promise<void> {
  const earlier = await tx.query<{ nodeId: string; hash: string }[]>('SELECT node_id AS "nodeId", hash FROM document_node WHERE campaign_id = $1 ORDER BY position', [campaignId]);
  const ids = keepIds(outline, earlier);
  await tx.query('DELETE FROM document_node WHERE campaign_id = $1', [campaignId]);
  await tx.query('INSERT INTO document (campaign_id, title) VALUES ($1, $2) ON CONFLICT (campaign_id) DO UPDATE SET title = excluded.title', [campaignId, title]);
  await tx.insert(DocumentNode, outline.map(({ kind, parent, number, heading, text, hash }, position) => ({
    nodeId: ids[position]!, campaignId, position, kind, number, hash,
    parentId: parent === undefined ? null : ids[parent]!, heading: heading ?? null, text: text ?? null,
  })));
}
