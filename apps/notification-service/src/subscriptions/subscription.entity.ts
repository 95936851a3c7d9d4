import type { Language, MailingKind } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a subscriber may hear of. */
export const SUBSCRIBER_KINDS = ['opening', 'reminder', 'deadline-extended', 'closing', 'cancellation'] as const satisfies readonly MailingKind[];

/** One address that asked for news of one campaign: heard of nothing until it confirmed. */
@Entity('subscription')
export class Subscription {
  @PrimaryColumn('uuid', { name: 'subscription_id', primaryKeyConstraintName: 'subscription_pkey' }) readonly subscriptionId!: string;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @Column('text') readonly recipient!: string;
  @Column('text') readonly address!: string;
  @Column('text') readonly language!: Language;
  @Column('text') readonly state!: 'pending' | 'confirmed' | 'unsubscribed';
  @Column('jsonb') readonly kinds!: readonly string[];
  /** When consent was given; the record of it. */
  @Column('timestamptz', { name: 'consent_at' }) readonly consentAt!: Date;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) readonly confirmedAt!: Date | null;
  @Column('timestamptz', { name: 'unsubscribed_at', nullable: true }) readonly unsubscribedAt!: Date | null;
}
