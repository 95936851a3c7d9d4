import type { CampaignState } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who did what to a campaign, when and why. Never changed, never deleted. */
@Entity('transition')
export class Transition {
  @PrimaryColumn('uuid', { name: 'transition_id', primaryKeyConstraintName: 'transition_pkey' }) readonly transitionId!: string;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @Column('text') readonly action!: string;
  @Column('text', { name: 'from_state' }) readonly fromState!: CampaignState;
  @Column('text', { name: 'to_state' }) readonly toState!: CampaignState;
  @Column('timestamptz') readonly at!: Date;
  @Column('text', { name: 'by_subject' }) readonly bySubject!: string;
  @Column('text', { name: 'by_name' }) readonly byName!: string;
  @Column('text', { nullable: true }) readonly reason!: string | null;
}
