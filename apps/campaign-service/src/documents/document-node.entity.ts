import type { NodeKind } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A chapter, section or paragraph. Its id stays with its words: remarks point to it. */
@Entity('document_node')
export class DocumentNode {
  @PrimaryColumn('uuid', { name: 'campaign_id', primaryKeyConstraintName: 'document_node_pkey' }) readonly campaignId!: string;
  @PrimaryColumn('uuid', { name: 'node_id', primaryKeyConstraintName: 'document_node_pkey' }) readonly nodeId!: string;
  @Column('integer') readonly position!: number;
  @Column('text') readonly kind!: NodeKind;
  @Column('uuid', { name: 'parent_id', nullable: true }) readonly parentId!: string | null;
  @Column('text') readonly number!: string;
  @Column('text', { nullable: true }) readonly heading!: string | null;
  @Column('text', { nullable: true }) readonly text!: string | null;
  @Column('text') readonly hash!: string;
}
