import type { Bilingual } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A continuing series of consultations on one text. */
@Entity('programme')
export class Programme {
  @PrimaryColumn('uuid', { name: 'programme_id', primaryKeyConstraintName: 'programme_pkey' }) readonly programmeId!: string;
  @Column('jsonb') readonly title!: Bilingual;
}

/** A year's text in a programme; it refers to the one before. */
@Entity('edition')
export class Edition {
  @PrimaryColumn('uuid', { name: 'edition_id', primaryKeyConstraintName: 'edition_pkey' }) readonly editionId!: string;
  @Column('uuid', { name: 'programme_id' }) readonly programmeId!: string;
  @Column('integer') readonly year!: number;
  @Column('jsonb') readonly label!: Bilingual;
  @Column('uuid', { name: 'predecessor_edition_id', nullable: true }) readonly predecessorEditionId!: string | null;
}
