import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An address to which nothing is sent, whatever it subscribed to. */
@Entity('suppression')
export class Suppression {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'suppression_pkey' }) readonly recipient!: string;
  @Column('text') readonly reason!: string;
  @Column('timestamptz') readonly at!: Date;
}
