import type { DispatchState, Language, MailingKind } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Lane } from './lanes.js';

/** One mail to one recipient: unique per kind, subject and recipient, whatever is delivered twice. */
@Entity('dispatch')
export class Dispatch {
  @PrimaryColumn('uuid', { name: 'dispatch_id', primaryKeyConstraintName: 'dispatch_pkey' }) readonly dispatchId!: string;
  @Column('uuid', { name: 'mailing_id' }) readonly mailingId!: string;
  @Column('text') readonly kind!: MailingKind;
  @Column('uuid', { name: 'subject_id' }) readonly subjectId!: string;
  /** The address in its canonical form. */
  @Column('text') readonly recipient!: string;
  /** As it was given. */
  @Column('text') readonly address!: string;
  @Column('text') readonly language!: Language;
  /** Parameters of this mail alone. */
  @Column('jsonb') readonly content!: object;
  @Column('uuid', { name: 'subscription_id', nullable: true }) readonly subscriptionId!: string | null;
  @Column('text') readonly lane!: Lane;
  @Column('text') readonly state!: DispatchState;
  @Column('integer') readonly attempts!: number;
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true }) readonly nextAttemptAt!: Date | null;
  @Column('timestamptz', { name: 'queued_at', nullable: true }) readonly queuedAt!: Date | null;
  @Column('timestamptz', { name: 'claimed_at', nullable: true }) readonly claimedAt!: Date | null;
  @Column('timestamptz', { name: 'settled_at', nullable: true }) readonly settledAt!: Date | null;
  @Column('timestamptz', { name: 'created_at', default: () => 'service_now()' }) readonly createdAt!: Date;
  /** W3C Trace Context of what caused the mail. */
  @Column('text', { nullable: true }) readonly traceparent!: string | null;
  /** Why it is not sent, in words without personal data. */
  @Column('text', { nullable: true }) readonly cause!: string | null;
  /** What an operator decided last, when its fate was unknown. */
  @Column('text', { nullable: true }) readonly decision!: 'resend' | 'leave' | null;
  @Column('text', { name: 'decided_by', nullable: true }) readonly decidedBy!: string | null;
  @Column('timestamptz', { name: 'decided_at', nullable: true }) readonly decidedAt!: Date | null;
}
