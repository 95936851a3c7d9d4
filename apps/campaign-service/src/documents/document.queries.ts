import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CampaignUnknown } from '../campaigns/campaign.errors.js';
import { IS_PUBLIC } from '../campaigns/campaign.queries.js';
import type { DocumentView } from './document.dto.js';

@Injectable()
export class DocumentQueries {
  constructor(private readonly db: DataSource) {}

  /** @throws CampaignUnknown also while the campaign is not public. */
  async document(campaignId: string): Promise<DocumentView> {
    const [document] = await this.db.query<Omit<DocumentView, 'nodes'>[]>(
      `SELECT c.campaign_id AS "campaignId", d.title FROM campaign AS c JOIN document AS d USING (campaign_id)
       WHERE c.campaign_id = $1 AND ${IS_PUBLIC}`,
      [campaignId],
    );
    if (!document) throw new CampaignUnknown();
    const nodes = await this.db.query<DocumentView['nodes']>(
      'SELECT node_id AS id, kind, parent_id AS "parentId", number, heading, text FROM document_node WHERE campaign_id = $1 ORDER BY position',
      [campaignId],
    );
    return { ...document, nodes };
  }
}
