import { hash, randomUUID } from 'node:crypto';
import { type authoredText, type classification, contributionSubmitted, eventId } from '@cahier/contracts';
import { currentTraceparent } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { managementToken } from '../contributions/management-token.js';
import { sealBody } from '../contributions/sealed-body.js';
import { CampaignUnknown } from '../windows/window.errors.js';
import type { z } from 'zod';
import type { IntakeRow, OutcomeRow, ResponsibleService } from './accept-contributions.statement.js';
import { ContactSealer } from './contact-sealer.js';
import type { ContributionBody, Receipt } from './contribution-body.dto.js';
import { CampaignNotOpen, IdempotencyKeyReused, TargetUnknown } from './intake.errors.js';
import { IntakeQueue } from './intake-queue.js';
import { ParticipantReferences } from './participant-references.js';

export interface FilingRequest {
  readonly campaignId: string;
  readonly idempotencyKey: string;
  readonly content: ContributionBody;
  /** The request body, byte for byte. */
  readonly received: Buffer;
  /** By `performance.now()`. */
  readonly arrivedAt: number;
}

/** Takes in what the public files. Everything that can be computed before is, so that the database only decides and stores. */
@Injectable()
export class FileContribution {
  constructor(
    private readonly queue: IntakeQueue,
    private readonly participants: ParticipantReferences,
    private readonly contacts: ContactSealer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Stores the contribution and publishes contribution.submitted.v1, both or neither; once per campaign and key.
   * @returns the receipt, after the commit; for a repeated request the same one, also after closing.
   * @throws IdempotencyKeyReused, CampaignUnknown, CampaignNotOpen, TargetUnknown, ContributionNotStorable: nothing was stored;
   * IntakeOverloaded: neither judged nor stored; IntakeUnavailable: perhaps stored, the same request will tell.
   */
  async execute(request: FilingRequest): Promise<Receipt> {
    const row = await this.row(request);
    const outcome = await this.queue.file({ row, sealedBody: sealBody(this.config.BODY_KEYS, row.contribution_id, request.received), arrivedAt: request.arrivedAt });
    return this.receipt(outcome, row);
  }

  private async row({ campaignId, idempotencyKey, content, received }: FilingRequest): Promise<IntakeRow> {
    const { kind, targets, stance, audience, language, publication, contact, title, body, proposedWording, source, organisation } = content;
    const contributionId = timeOrderedId();
    const places = targets.map(({ type, id }) => ({ type, id }));
    return {
      contribution_id: contributionId,
      campaign_id: campaignId,
      event_id: eventId(contributionSubmitted.type, contributionId, 1),
      key_hash: hash('sha256', `${campaignId}:${idempotencyKey}`, 'buffer'),
      body_sha256: hash('sha256', received),
      participant_ref: contact ? await this.participants.of(campaignId, contact.email) : null,
      sealed_contact: contact
        ? await this.contacts.seal({ email: contact.email, language, managementToken: this.token(contributionId) })
        : null,
      traceparent: currentTraceparent() ?? null,
      classification: JSON.stringify({ kind, targets: places, stance, audience, language, publication: publication.preference } satisfies z.input<typeof classification>),
      text: JSON.stringify({ title, body, proposedWording, quotes: targets.map(({ quote }) => quote ?? null), source, organisation, authorName: publication.authorName } satisfies z.input<typeof authoredText>),
      targets: places.length === 0 ? null : JSON.stringify(places),
    };
  }

  private receipt(outcome: OutcomeRow, sent: IntakeRow): Receipt {
    switch (outcome.outcome) {
      case 'key-reused':
        throw new IdempotencyKeyReused();
      case 'campaign-unknown':
        throw new CampaignUnknown();
      case 'not-open':
        throw new CampaignNotOpen({ state: outcome.state!, opensAt: outcome.opens_at!, closesAt: outcome.closes_at!, receivedAt: outcome.received_at });
      case 'target-unknown':
        throw new TargetUnknown(outcome.unknown_target!);
      case 'again':
        throw new Error('The queue gives no answer before there is one');
      case 'created':
      case 'replayed': {
        const contributionId = outcome.contribution_id ?? sent.contribution_id;
        return {
          contributionId,
          filingNumber: outcome.filing_number!,
          receivedAt: outcome.received_at,
          bodySha256: sent.body_sha256,
          managementToken: this.token(contributionId, outcome.token_key ?? undefined),
          responsibleService: responsibleServiceOf(outcome.responsible_service!),
        };
      }
    }
  }

  private token(contributionId: string, version = this.config.TOKEN_KEYS.current): string {
    return managementToken(this.config.TOKEN_KEYS, version, contributionId);
  }
}

let last: { readonly json: string; readonly service: ResponsibleService } | undefined;

/** Whoever answers for a campaign is the same on every receipt of it: read once. */
function responsibleServiceOf(json: string): ResponsibleService {
  if (json !== last?.json) last = { json, service: JSON.parse(json) as ResponsibleService };
  return last.service;
}

/** UUID version 7 (RFC 9562 §5.7): neighbours in time are neighbours in the index. The clock orders pages here, it decides nothing. */
function timeOrderedId(): string {
  const milliseconds = Date.now().toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${randomUUID().slice(15)}`;
}
