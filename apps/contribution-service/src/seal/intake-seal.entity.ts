import { Column, Entity, PrimaryColumn } from 'typeorm';

/** From this row on, nothing more is accepted or withdrawn in the campaign. */
@Entity('intake_seal')
export class IntakeSeal {
  @PrimaryColumn('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @Column('timestamptz', { name: 'closes_at' }) readonly closesAt!: Date;
  @Column('timestamptz', { name: 'sealed_at' }) readonly sealedAt!: Date;
  /** When intake.sealed.v1 was appended; null, like the rest, in the moment between sealing and counting. */
  @Column('timestamptz', { name: 'announced_at', nullable: true }) readonly announcedAt!: Date | null;
  @Column('integer', { nullable: true }) readonly accepted!: number | null;
  @Column('integer', { nullable: true }) readonly withdrawn!: number | null;
  @Column('text', { nullable: true }) readonly digest!: string | null;
}
