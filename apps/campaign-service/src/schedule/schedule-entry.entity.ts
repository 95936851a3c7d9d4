import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One thing that happens to a campaign at an instant: fired once, however many replicas look. */
@Entity('schedule')
export class ScheduleEntry {
  @PrimaryColumn('uuid', { name: 'schedule_id', primaryKeyConstraintName: 'schedule_pkey' }) readonly scheduleId!: string;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @Column('text') readonly action!: 'open' | 'remind' | 'close';
  @Column('timestamptz', { name: 'due_at' }) readonly dueAt!: Date;
  @Column('integer', { name: 'hours_before_closing', nullable: true }) readonly hoursBeforeClosing!: number | null;
  @Column('text') readonly state!: 'pending' | 'fired' | 'missed' | 'cancelled';
  @Column('timestamptz', { name: 'settled_at', nullable: true }) readonly settledAt!: Date | null;
}
