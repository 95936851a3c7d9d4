import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CampaignUnknown } from '../campaigns/campaign.errors.js';
import { IS_PUBLIC } from '../campaigns/campaign.queries.js';
import type { DocumentView } from './document.dto.js';

@Injectable()
export class DocumentQueries {
  constructor(private readonly db: DataSource) {}

  /** Strong entity tag of what `document` answers. @throws CampaignUnknown as it does. */
  async tag(campaignId: string): Promise<string> {
    const [document] = await this.db.query<{ tag: string }[]>(
      `SELECT encode(sha256(convert_to(d.title::text || (SELECT string_agg(node_id::text || number || hash, ',' ORDER BY position) FROM document_node AS n WHERE n.campaign_id = c.campaign_id), 'UTF8')), 'hex') AS tag
       FROM campaign AS c JOIN document AS d USING (campaign_id) WHERE c.campaign_id = $1 AND ${IS_PUBLIC}`,
      [campaignId],
    );
    if (!document) throw new CampaignUnknown();
    return `"${document.tag.slice(0, 32)}"`;
  }

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
