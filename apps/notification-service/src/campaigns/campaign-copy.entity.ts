import type { CampaignFacts } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What campaign-service last said of a campaign. */
@Entity('campaign_copy')
export class CampaignCopy {
  @PrimaryColumn('uuid', { name: 'campaign_id', primaryKeyConstraintName: 'campaign_copy_pkey' }) readonly campaignId!: string;
  @Column('integer') readonly version!: number;
  @Column('jsonb') readonly facts!: CampaignFacts;
}
