import type { authoredText, classification, ContributionFacts, ContributionStatus } from '@cahier/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { z } from 'zod';
import { ContributionStatusUnchanged, ContributionWithdrawn, WithdrawalTooLate } from './contribution.errors.js';

/** One participant's contribution to one campaign, from its receipt on. It is inserted by `accept-contributions.statement.ts` and never deleted. */
@Entity('contribution')
@Index('contribution_campaign_id_contribution_id_idx', ['campaignId', 'contributionId'])
export class Contribution {
  @PrimaryColumn('uuid', { name: 'contribution_id' }) readonly contributionId!: string;
  @Column('uuid', { name: 'campaign_id' }) readonly campaignId!: string;
  /** SHA-256 of `campaignId:idempotencyKey`. */
  @Column('bytea', { name: 'key_hash', unique: true }) readonly keyHash!: Buffer;
  @Column('text', { name: 'filing_number', unique: true }) readonly filingNumber!: string;
  @Column('timestamptz', { name: 'received_at' }) readonly receivedAt!: Date;
  /** The request body, byte for byte, encrypted: see `sealed-body.ts`. Null only where it was lost: see `restoredAt`. */
  @Column('bytea', { name: 'body_sealed', nullable: true, select: false }) readonly bodySealed!: Buffer | null;
  /** When the row was read back from Kafka, after the database had been restored to a time before it; what Kafka never had is lost. */
  @Column('timestamptz', { name: 'restored_at', nullable: true }) readonly restoredAt!: Date | null;
  /** Of the body as received. */
  @Column('text', { name: 'body_sha256' }) readonly bodySha256!: string;
  /** Version of the key behind the management token. */
  @Column('smallint', { name: 'token_key' }) readonly tokenKey!: number;
  @Column('text', { name: 'participant_ref', nullable: true }) readonly participantRef!: string | null;
  @Column('text', { name: 'sealed_contact', nullable: true }) readonly sealedContact!: string | null;
  @Column('jsonb') readonly classification!: z.output<typeof classification>;
  /** Null once withdrawn. */
  @Column('jsonb', { nullable: true }) text!: z.output<typeof authoredText> | null;
  @Column('text', { default: 'filed' }) status!: ContributionStatus;
  /** Of its last event. */
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { name: 'changed_at' }) changedAt!: Date;

  /**
   * Forgets the author's words; only the encrypted body remains.
   * @throws WithdrawalTooLate from closing on.
   */
  withdraw(at: Date, closesAt: Date): void {
    if (at >= closesAt) throw new WithdrawalTooLate(closesAt);
    this.become('withdrawn', at);
    this.text = null;
  }

  /** @throws ContributionWithdrawn, ContributionStatusUnchanged */
  hide(at: Date): void {
    this.become('hidden', at);
  }

  /** @throws ContributionWithdrawn, ContributionStatusUnchanged */
  show(at: Date): void {
    this.become('filed', at);
  }

  /** The columns that its life changes. */
  changes(): Pick<Contribution, 'text' | 'status' | 'version' | 'changedAt'> {
    return { text: this.text, status: this.status, version: this.version, changedAt: this.changedAt };
  }

  /** As its events tell it, without the author's words. */
  facts(): Omit<ContributionFacts, 'text'> {
    return {
      contributionId: this.contributionId,
      campaignId: this.campaignId,
      filingNumber: this.filingNumber,
      receivedAt: this.receivedAt.toISOString(),
      bodySha256: this.bodySha256,
      status: this.status,
      ...(this.participantRef !== null && { participantRef: this.participantRef }),
      ...(this.sealedContact !== null && { sealedContact: this.sealedContact }),
      classification: this.classification,
      origin: { keySha256: this.keyHash.toString('hex'), tokenKey: this.tokenKey },
    };
  }

  private become(status: ContributionStatus, at: Date): void {
    if (this.status === 'withdrawn') throw new ContributionWithdrawn();
    if (this.status === status) throw new ContributionStatusUnchanged(status);
    this.status = status;
    this.version += 1;
    this.changedAt = at;
  }
}
