import type { Bilingual, Language } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A committee that steers campaigns and gets their reports. */
@Entity('steering_body')
export class SteeringBody {
  @PrimaryColumn('uuid', { name: 'steering_body_id', primaryKeyConstraintName: 'steering_body_pkey' }) readonly steeringBodyId!: string;
  @Column('text') readonly code!: string;
  @Column('jsonb') readonly name!: Bilingual;
}

/** A person in a steering body, with a professional address. */
@Entity('member')
export class Member {
  @PrimaryColumn('uuid', { name: 'member_id', primaryKeyConstraintName: 'member_pkey' }) readonly memberId!: string;
  @Column('uuid', { name: 'steering_body_id' }) readonly steeringBodyId!: string;
  @Column('text') readonly name!: string;
  @Column('text') readonly email!: string;
  @Column('text') readonly language!: Language;
}
