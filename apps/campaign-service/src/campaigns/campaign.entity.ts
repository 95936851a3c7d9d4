import type { Audience, Bilingual, CampaignKind, CampaignState, ConsultationRules } from '@cahier/contracts';
import { ResourceStale } from '@cahier/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ActionNotPossible, DatesRefused } from './campaign.errors.js';
import { reminderInstants } from './reminders.js';

/** What may be done to a campaign, and where it leads. Nothing else changes its state. */
export const TRANSITIONS = {
  draft: { schedule: 'scheduled', cancel: 'cancelled' },
  scheduled: { reschedule: 'scheduled', unschedule: 'draft', open: 'open', cancel: 'cancelled' },
  open: { extend: 'open', suspend: 'suspended', close: 'closed', cancel: 'cancelled' },
  suspended: { resume: 'open', close: 'closed', cancel: 'cancelled' },
  closed: { publish: 'published' },
  published: { archive: 'archived' },
  archived: {},
  cancelled: {},
} as const satisfies Record<CampaignState, Readonly<Record<string, CampaignState>>>;

export type Action = { [S in CampaignState]: keyof (typeof TRANSITIONS)[S] }[CampaignState];

/** Instants with the text they were typed as. */
export interface Dates {
  readonly zone: string;
  readonly opensAtLocal: string;
  readonly closesAtLocal: string;
  /** UTC. */
  readonly opensAt: Date;
  readonly closesAt: Date;
}

/** What staff write in a draft; what is absent stands on the checklist. */
export interface CampaignContent {
  readonly editionId: string;
  readonly kind: CampaignKind;
  readonly title: Bilingual;
  readonly presentation: Bilingual | null;
  readonly rules: ConsultationRules | null;
  readonly audiences: readonly Audience[];
  /** Whole hours before closing. */
  readonly reminderHours: readonly number[];
  readonly zone: string | null;
  readonly opensAtLocal: string | null;
  readonly closesAtLocal: string | null;
}

/** One opening of an edition to the public. Rules live here; nothing else sets these fields. */
@Entity('campaign')
export class Campaign {
  @PrimaryColumn('uuid', { name: 'campaign_id', primaryKeyConstraintName: 'campaign_pkey' }) readonly campaignId!: string;
  @Column('uuid', { name: 'edition_id' }) editionId!: string;
  @Column('text') state!: CampaignState;
  @Column('text') kind!: CampaignKind;
  @Column('jsonb') title!: Bilingual;
  @Column('jsonb', { nullable: true }) presentation!: Bilingual | null;
  @Column('jsonb', { nullable: true }) rules!: ConsultationRules | null;
  @Column('jsonb') audiences!: readonly Audience[];
  @Column('jsonb', { name: 'reminder_hours' }) reminderHours!: readonly number[];
  @Column('text', { nullable: true }) zone!: string | null;
  @Column('text', { name: 'opens_at_local', nullable: true }) opensAtLocal!: string | null;
  @Column('text', { name: 'closes_at_local', nullable: true }) closesAtLocal!: string | null;
  @Column('timestamptz', { name: 'opens_at', nullable: true }) opensAt!: Date | null;
  @Column('timestamptz', { name: 'closes_at', nullable: true }) closesAt!: Date | null;
  /** Of the entity tag: one more at each change. */
  @Column('integer') version!: number;
  /** Of the last event: 0 while nothing was ever said. */
  @Column('integer', { name: 'event_version' }) eventVersion!: number;

  static draft(campaignId: string, content: CampaignContent): Campaign {
    return Object.assign(new Campaign(), content, { campaignId, state: 'draft', opensAt: null, closesAt: null, version: 1, eventVersion: 0 } as const);
  }

  /** @throws ResourceStale when somebody changed it since `version` was read. */
  expect(version: number): void {
    if (this.version !== version) throw new ResourceStale({ fr: 'Relisez la campagne : elle a changé.', en: 'Read the campaign again: it has changed.' });
  }

  /** @throws ActionNotPossible unless it is a draft. */
  edit(content: CampaignContent): void {
    if (this.state !== 'draft') throw new ActionNotPossible({ fr: 'Seul un brouillon se modifie.', en: 'Only a draft can be edited.' }, { state: this.state });
    Object.assign(this, content);
    this.version++;
  }

  /** @throws ActionNotPossible. */
  act(action: Action): void {
    this.state = this.stateAfter(action);
    this.version++;
  }

  private stateAfter(action: Action): CampaignState {
    const next = (TRANSITIONS[this.state] as Partial<Record<Action, CampaignState>>)[action];
    if (!next) throw new ActionNotPossible({ fr: 'Cette action n’est pas possible dans l’état actuel de la campagne.', en: 'The campaign’s state does not allow this.' }, { state: this.state, action });
    return next;
  }

  /**
   * From draft, or again before the opening.
   * @param notice milliseconds that everybody needs to hear of a change of window.
   * @throws ActionNotPossible, DatesRefused.
   */
  schedule(action: 'schedule' | 'reschedule', dates: Dates, at: Date, notice: number): void {
    this.stateAfter(action);
    if (action === 'reschedule' && this.opensAt) requireNotice(this.opensAt, at, notice);
    requireNotice(dates.opensAt, at, notice);
    if (dates.closesAt <= dates.opensAt) throw new DatesRefused({ fr: 'La clôture doit suivre l’ouverture.', en: 'Closing must come after opening.' });
    if (reminderInstants(this.reminderHours, dates.closesAt).some(({ due }) => due <= dates.opensAt)) {
      throw new DatesRefused({ fr: 'Un rappel tomberait avant l’ouverture.', en: 'A reminder would fall before the opening.' });
    }
    this.act(action);
    Object.assign(this, dates);
  }

  /** Back to draft, before the opening. @throws ActionNotPossible, DatesRefused. */
  unschedule(at: Date, notice: number): void {
    this.stateAfter('unschedule');
    if (this.opensAt) requireNotice(this.opensAt, at, notice);
    this.act('unschedule');
    this.opensAt = this.closesAt = null;
  }

  /** Later, while open. @throws ActionNotPossible, DatesRefused. */
  extend(closesAtLocal: string, closesAt: Date, at: Date, notice: number): void {
    this.stateAfter('extend');
    if (this.closesAt) {
      requireNotice(this.closesAt, at, notice);
      if (closesAt <= this.closesAt) throw new DatesRefused({ fr: 'Une prolongation repousse la clôture.', en: 'An extension moves the closing later.' });
    }
    this.act('extend');
    Object.assign(this, { closesAtLocal, closesAt });
  }

  /** Gives it up, before its closing: what is closed has been decided, also where the schedule has not fired yet. @throws ActionNotPossible, DatesRefused. */
  cancel(at: Date): void {
    this.stateAfter('cancel');
    if (this.closesAt && this.closesAt <= at) throw new DatesRefused({ fr: 'La clôture est passée.', en: 'The closing has passed.' });
    this.act('cancel');
  }

  /** Whether its text may still change: until the opening, by the clock and not by what the schedule has fired. */
  textMayChange(at: Date): boolean {
    return this.state === 'draft' || (this.state === 'scheduled' && this.opensAt !== null && at < this.opensAt);
  }
}

function requireNotice(instant: Date, at: Date, notice: number): void {
  if (instant.getTime() - at.getTime() < notice) {
    throw new DatesRefused(
      { fr: `Un changement prend effet au moins ${notice / 1_000} s à l’avance.`, en: `A change takes effect at least ${notice / 1_000} s ahead.` },
      { noticeSeconds: notice / 1_000 },
    );
  }
}
