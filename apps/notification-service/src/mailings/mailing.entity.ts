import type { MailingKind } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is said, about what. Its audience is frozen into dispatch rows; a *standing* one gets a row whenever somebody is to be told. */
@Entity('mailing')
export class Mailing {
  @PrimaryColumn('uuid', { name: 'mailing_id', primaryKeyConstraintName: 'mailing_pkey' }) readonly mailingId!: string;
  @Column('text') readonly kind!: MailingKind;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  /** With the kind, what makes it the same mailing: a campaign, a reminder, a report. */
  @Column('uuid', { name: 'subject_id' }) readonly subjectId!: string;
  /** Parameters of every mail in it. */
  @Column('jsonb') readonly content!: object;
  @Column('timestamptz', { name: 'launched_at' }) readonly launchedAt!: Date;
  /** Absent while the campaign has not been heard of. */
  @Column('timestamptz', { name: 'audience_frozen_at', nullable: true }) readonly audienceFrozenAt!: Date | null;
  @Column('boolean') readonly standing!: boolean;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) readonly completedAt!: Date | null;
  /** How often it was complete: an operator may send rows again. */
  @Column('integer') readonly completions!: number;
  /** When nothing in its dispatch rows led to a person any more. */
  @Column('timestamptz', { name: 'contacts_erased_at', nullable: true }) readonly contactsErasedAt!: Date | null;
}
