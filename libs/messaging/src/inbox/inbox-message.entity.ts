import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event that this service has handled, kept as long as Kafka may deliver it again. */
@Entity('inbox')
export class InboxMessage {
  @PrimaryColumn('uuid', { name: 'event_id' }) readonly eventId!: string;
  @Column('timestamptz', { name: 'received_at', default: () => 'now()' }) readonly receivedAt!: Date;
}
