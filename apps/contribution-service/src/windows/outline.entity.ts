import type { TargetType } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The consulted document of a campaign, as far as it has been heard of. Without this row any section or paragraph may be pointed at. */
@Entity('campaign_outline')
export class CampaignOutline {
  @PrimaryColumn('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  /** Of the `document.published` that said so. */
  @Column('integer') readonly version!: number;
}

/** One part of the document that a contribution may point at. A chapter counts as a section. */
@Entity('outline_node')
export class OutlineNode {
  @PrimaryColumn('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @PrimaryColumn('uuid', { name: 'node_id' }) readonly nodeId!: string;
  @Column('text', { name: 'target_type' }) readonly targetType!: Exclude<TargetType, 'contribution'>;
}
