import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One event of this service: to be published while `publishedAt` is null. Written by `appendToOutbox`, or by a hot statement with `outboxValues`. */
@Entity('outbox')
export class OutboxMessage {
  /** Order of publication; drawn before commit, so gaps and late arrivals are normal. Decimal digits of a 64-bit integer. */
  @PrimaryColumn('bigint', { generated: 'identity', generatedIdentity: 'ALWAYS' }) readonly position!: string;
  /** The event's id: the same fact cannot be appended twice. */
  @Column('uuid') readonly id!: string;
  /** Without the environment's prefix. */
  @Column('text') readonly topic!: string;
  @Column('text') readonly key!: string;
  /** The CloudEvent, byte for byte as published. */
  @Column('text') readonly envelope!: string;
  /** W3C Trace Context of what caused the event. */
  @Column('text', { nullable: true }) readonly traceparent!: string | null;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) readonly createdAt!: Date;
  @Column('timestamptz', { name: 'published_at', nullable: true }) readonly publishedAt!: Date | null;
}
