import { Column, Entity, PrimaryColumn } from 'typeorm';

/** *open*: waits for an operator; *replayed*: handled after all; *discarded*: given up, with a reason. */
export const deadLetterStates = ['open', 'replayed', 'discarded'] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];

/** A message that could not be handled, kept whole in the consumer's own database: it is not lost, and does not block its partition. */
@Entity('dead_letter')
export class DeadLetter {
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' }) readonly id!: string;
  /** Without the environment's prefix. */
  @Column('text') readonly topic!: string;
  @Column('int') readonly partition!: number;
  /** Decimal digits of a 64-bit integer. */
  @Column('bigint', { name: 'message_offset' }) readonly offset!: string;
  /** The message's bytes as received. May hold personal data: no route and no log shows them. */
  @Column('bytea') readonly value!: Buffer;
  @Column('text', { nullable: true }) readonly traceparent!: string | null;
  /** Null when the message was not even an envelope; so is the type. */
  @Column('uuid', { name: 'event_id', nullable: true }) readonly eventId!: string | null;
  @Column('text', { name: 'event_type', nullable: true }) readonly eventType!: string | null;
  /** Class, code and place of the last failure; no word of the message. */
  @Column('text') readonly cause!: string;
  /** How often it was handled in vain. */
  @Column('int') readonly attempts!: number;
  @Column('text', { default: 'open' }) readonly state!: DeadLetterState;
  @Column('timestamptz', { name: 'failed_at', default: () => 'now()' }) readonly failedAt!: Date;
  @Column('timestamptz', { name: 'settled_at', nullable: true }) readonly settledAt!: Date | null;
  /** Who replayed or discarded it: the subject of the access token. */
  @Column('text', { name: 'settled_by', nullable: true }) readonly settledBy!: string | null;
  /** Of a discard. */
  @Column('text', { nullable: true }) readonly reason!: string | null;
}
