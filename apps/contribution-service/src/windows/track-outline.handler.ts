import { documentPublished, type DataOf } from '@cahier/contracts';
import { OnEvent, type EventContext } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

/** Keeps the ids of the consulted document's parts: what a contribution may point at. */
@Controller()
export class TrackOutline {
  /** Replaces the outline as a whole; an older or repeated event changes nothing. */
  @OnEvent(documentPublished)
  async handle(@Payload() { campaignId, nodes }: DataOf<typeof documentPublished>, @Ctx() { tx, event }: EventContext): Promise<void> {
    const newer: unknown[] = await tx.query(
      `INSERT INTO campaign_outline AS known (campaign_id, version) VALUES ($1, $2)
       ON CONFLICT (campaign_id) DO UPDATE SET version = excluded.version WHERE known.version < excluded.version
       RETURNING campaign_id`,
      [campaignId, event.version],
    );
    if (newer.length === 0) return;
    await tx.query('DELETE FROM outline_node WHERE campaign_id = $1', [campaignId]);
    await tx.query('INSERT INTO outline_node (campaign_id, node_id, target_type) SELECT $1, * FROM unnest($2::uuid[], $3::text[])', [
      campaignId,
      nodes.map(({ id }) => id),
      nodes.map(({ kind }) => (kind === 'paragraph' ? 'paragraph' : 'section')),
    ]);
  }
}
