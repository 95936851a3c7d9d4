import type { Bilingual, CampaignState, ConsultationRules } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What this service knows of a campaign of campaign-service: enough to accept or refuse without asking anybody. */
@Entity('campaign_window')
export class CampaignWindow {
  @PrimaryColumn('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  /** Of the last event heard. */
  @Column('integer') readonly version!: number;
  /** As last heard; what it is at an instant is said by the SQL function `window_state`. */
  @Column('text') readonly state!: CampaignState;
  /** False while suspended, for ever once cancelled. Closing does not clear it: the instants decide. */
  @Column('boolean') readonly accepting!: boolean;
  /** Null, like `closesAt`, after a return to draft. */
  @Column('timestamptz', { name: 'opens_at', nullable: true }) readonly opensAt!: Date | null;
  /** The first instant at which a contribution is late. */
  @Column('timestamptz', { name: 'closes_at', nullable: true }) readonly closesAt!: Date | null;
  @Column('jsonb') readonly title!: Bilingual;
  /** Stated on every receipt (CRPA R.112-11-1). */
  @Column('jsonb', { name: 'responsible_service' }) readonly responsibleService!: ConsultationRules['responsibleService'];
  /** Version of the key behind this campaign's participant references: chosen once, or one address would count twice. */
  @Column('smallint', { name: 'participant_key' }) readonly participantKey!: number;
  /** When what only reaching its authors needed was erased. */
  @Column('timestamptz', { name: 'contacts_erased_at', nullable: true }) readonly contactsErasedAt!: Date | null;
}

/** Whether filing is possible in this state as far as the instants allow it; undefined: as before. */
export function acceptsIn(state: CampaignState): boolean | undefined {
  if (state === 'closed' || state === 'published' || state === 'archived') return undefined;
  return state === 'scheduled' || state === 'open';
}
