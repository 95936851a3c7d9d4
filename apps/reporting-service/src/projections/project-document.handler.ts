import { documentPublished, type DataOf } from '@cahier/contracts';
import { OnEvent, type EventContext } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { sectionsOf } from './sections-of.js';

/** Keeps the outline of the consulted document, and of each node the section under which it is counted. */
@Controller()
export class ProjectDocument {
  @OnEvent(documentPublished)
  async handle(@Payload() { campaignId, title, nodes }: DataOf<typeof documentPublished>, @Ctx() { tx, event }: EventContext): Promise<void> {
    const newer: unknown[] = await tx.query(
      `INSERT INTO document (campaign_id, version, title) VALUES ($1, $2, $3)
       ON CONFLICT (campaign_id) DO UPDATE SET version = EXCLUDED.version, title = EXCLUDED.title WHERE document.version < EXCLUDED.version
       RETURNING campaign_id`,
      [campaignId, event.version, JSON.stringify(title)],
    );
    if (newer.length === 0) return;

    const sections = sectionsOf(nodes);
    const rows = nodes.map((node, position) => ({
      node_id: node.id, position, kind: node.kind, parent_id: node.parentId ?? null, section_id: sections.get(node.id), number: node.number,
      heading: node.heading ?? null, excerpt: node.excerpt ?? null, hash: node.hash,
    }));
    await tx.query('DELETE FROM document_node WHERE campaign_id = $1', [campaignId]);
    await tx.query(
      `INSERT INTO document_node (campaign_id, node_id, position, kind, parent_id, section_id, number, heading, excerpt, hash)
       SELECT $1, node.* FROM json_to_recordset($2::json)
         AS node (node_id uuid, position integer, kind text, parent_id uuid, section_id uuid, number text, heading text, excerpt text, hash text)`,
      [campaignId, JSON.stringify(rows)],
    );
  }
}
