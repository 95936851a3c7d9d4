import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** Who hid or showed a contribution, when and why. Rows are only added. */
@Entity('moderation')
@Unique('moderation_contribution_id_version_key', ['contributionId', 'version'])
export class Moderation {
  @PrimaryColumn('bigint', { name: 'moderation_id', generated: 'identity', generatedIdentity: 'ALWAYS' }) readonly moderationId!: string;
  @Column('uuid', { name: 'contribution_id' }) readonly contributionId!: string;
  /** Of the contribution, with this act. */
  @Column('integer') readonly version!: number;
  @Column('text') readonly action!: 'hide' | 'show';
  @Column('text') readonly reason!: string;
  /** `sub` of the access token. */
  @Column('text', { name: 'actor_subject' }) readonly actorSubject!: string;
  @Column('text', { name: 'actor_name' }) readonly actorName!: string;
  @Column('timestamptz') readonly at!: Date;
}
