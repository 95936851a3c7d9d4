import type { DataOf, ReportKind, reportPublished } from '@cahier/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Headline, ReportFile, ReportOrder, ReportParameters } from '../export/report-order.js';

export type ReportState = 'awaiting' | 'queued' | 'running' | 'published' | 'failed' | 'mismatch';

const PARAMETERS: ReportParameters = { proposalsPerSection: 3, excerptCodePoints: 420 };

/** What identifies a new report. */
export interface ReportIdentity {
  readonly id: string;
  readonly campaignId: string;
  /** Such as CAHIER-2026-0001. */
  readonly number: string;
  readonly version: number;
  /** Of what ordered it. */
  readonly traceparent: string | null;
}

/**
 * One version of a campaign's report, from the order to its files.
 * `awaiting → queued → running → published`; `running → queued` when its maker died; `failed` and `mismatch` say why.
 */
@Entity('report')
export class Report {
  /** A crash may be chance; the third one is not. */
  static readonly MAX_INTERRUPTIONS = 3;
  /** Staff are told that a report waits, after this time in milliseconds. */
  static readonly PATIENCE_MS = 10 * 60_000;

  @PrimaryColumn('uuid', { name: 'report_id' }) readonly id!: string;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  @Column('text') readonly kind!: ReportKind;
  @Column('text') readonly number!: string;
  @Column('integer') readonly version!: number;
  /** Contributions received before it are in the report. */
  @Column('timestamptz') readonly cutoff!: Date;
  @Column('jsonb') readonly parameters!: ReportParameters;
  @Column('text') state!: ReportState;
  /** While awaiting: facts that the seal counts and the projection has not. */
  @Column('integer', { default: 0 }) missing!: number;
  @Column('text', { nullable: true }) cause!: string | null;
  @Column('timestamptz', { name: 'requested_at' }) readonly requestedAt!: Date;
  /** Subject of the member of staff; null when the seal ordered it. */
  @Column('text', { name: 'requested_by', nullable: true }) readonly requestedBy!: string | null;
  /** W3C Trace Context of the order: making it belongs there. */
  @Column('text', { nullable: true }) readonly traceparent!: string | null;
  @Column('timestamptz', { name: 'awaiting_told_at', nullable: true }) awaitingToldAt!: Date | null;
  /** Nothing is done about it before: its seal compared again, or its making tried again. */
  @Column('timestamptz', { name: 'look_at', nullable: true }) lookAt!: Date | null;
  /** How often making was begun. Only the latest attempt can publish. */
  @Column('integer', { default: 0 }) attempt!: number;
  /** How often making ended by chance: a crash, a database that was away. */
  @Column('integer', { default: 0 }) interruptions!: number;
  @Column('timestamptz', { name: 'leased_until', nullable: true }) leasedUntil!: Date | null;
  @Column('timestamptz', { name: 'published_at', nullable: true }) publishedAt!: Date | null;
  @Column('jsonb', { nullable: true }) files!: ReportFile[] | null;
  @Column('jsonb', { nullable: true }) headline!: Headline | null;
  /** Of its last event. */
  @Column('integer', { name: 'event_version', default: 0 }) eventVersion!: number;

  /** @param cutoff the closing instant. @param at of the seal's arrival. */
  static closing(identity: ReportIdentity, cutoff: Date, at: Date): Report {
    return create(identity, { kind: 'closing', cutoff, state: 'awaiting', requestedAt: at, requestedBy: null, lookAt: at });
  }

  /** @param by subject of the member of staff. */
  static interim(identity: ReportIdentity, cutoff: Date, by: string, at: Date): Report {
    return create(identity, { kind: 'interim', cutoff, state: 'queued', requestedAt: at, requestedBy: by, lookAt: null });
  }

  /** @returns whether staff must be told now: once, when patience is at its end. */
  wait(missing: number, at: Date): boolean {
    this.state = 'awaiting';
    this.cause = null;
    this.missing = missing;
    this.lookAt = new Date(at.getTime() + 250);
    if (this.awaitingToldAt !== null || at.getTime() - this.requestedAt.getTime() < Report.PATIENCE_MS) return false;
    this.awaitingToldAt = at;
    return true;
  }

  /** The projection is not what was sealed. Looked at again now and then: a dead letter may be replayed. @returns whether this is news. */
  contradict(cause: string, at: Date): boolean {
    const news = this.state !== 'mismatch';
    this.state = 'mismatch';
    this.missing = 0;
    this.cause = cause;
    this.leasedUntil = null;
    this.lookAt = new Date(at.getTime() + 30_000);
    return news;
  }

  /** All that it needs is here. */
  queue(): void {
    this.state = 'queued';
    this.missing = 0;
    this.cause = null;
    this.lookAt = null;
  }

  /** Its maker ended without a verdict. @returns whether it will be tried again, a little later each time. */
  retry(cause: string, at: Date): boolean {
    if (++this.interruptions >= Report.MAX_INTERRUPTIONS) {
      this.fail(cause);
      return false;
    }
    this.state = 'queued';
    this.leasedUntil = null;
    this.lookAt = new Date(at.getTime() + 500 * 2 ** this.interruptions);
    return true;
  }

  /** Its maker stops in good order: for another replica, or the next start. */
  release(): void {
    this.state = 'queued';
    this.leasedUntil = null;
  }

  /** What it needs is not there now, whatever is tried: looked at again in half a minute, for as long as it takes. */
  postpone(at: Date): void {
    this.state = 'queued';
    this.leasedUntil = null;
    this.lookAt = new Date(at.getTime() + 30_000);
  }

  /** Somebody has put right what made it fail. */
  requeue(): void {
    this.queue();
    this.interruptions = 0;
  }

  fail(cause: string): void {
    this.state = 'failed';
    this.cause = cause;
    this.leasedUntil = null;
  }

  publish(files: ReportFile[], headline: Headline, at: Date): void {
    this.state = 'published';
    this.files = files;
    this.headline = headline;
    this.publishedAt = at;
    this.leasedUntil = null;
  }

  /** What making it takes, wherever that happens. */
  order(): Omit<ReportOrder, 'databaseUrl' | 'folder'> {
    return { reportId: this.id, campaignId: this.campaignId, kind: this.kind, number: this.number, version: this.version, cutoff: this.cutoff.toISOString(), parameters: this.parameters };
  }

  /** What `report.published` says. */
  publication(): DataOf<typeof reportPublished> {
    if (this.files === null || this.headline === null) throw new Error(`Report ${this.id} is ${this.state}`);
    return { ...this.reference(), cutoff: this.cutoff.toISOString(), headline: this.headline, files: this.files };
  }

  /** What every event about it says. */
  reference(): Pick<DataOf<typeof reportPublished>, 'reportId' | 'campaignId' | 'kind' | 'number' | 'version'> {
    return { reportId: this.id, campaignId: this.campaignId, kind: this.kind, number: this.number, version: this.version };
  }

  /** Version of the next event about it. */
  nextEventVersion(): number {
    return ++this.eventVersion;
  }
}

type Given = Pick<Report, 'kind' | 'cutoff' | 'state' | 'requestedAt' | 'requestedBy' | 'lookAt'>;

function create(identity: ReportIdentity, given: Given): Report {
  return Object.assign(new Report(), {
    parameters: PARAMETERS, missing: 0, cause: null, awaitingToldAt: null, attempt: 0, interruptions: 0, leasedUntil: null, publishedAt: null, files: null, headline: null, eventVersion: 0,
    ...identity, ...given,
  });
}
