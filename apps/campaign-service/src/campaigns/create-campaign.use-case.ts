import { type Actor, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Campaign, type CampaignContent } from './campaign.entity.js';
import { attachSteeringBodies, requireEdition } from './attachments.js';

/** Begins a draft: nobody outside hears of it. */
@Injectable()
export class CreateCampaign {
  constructor(private readonly db: DataSource) {}

  /** @returns the new campaign's id. @throws EditionUnknown, SteeringBodyUnknown. */
  async execute(content: CampaignContent, steeringBodyIds: readonly string[], by: Actor): Promise<string> {
    return this.db.transaction(async (tx) => {
      await requireEdition(tx, content.editionId);
      const campaign = Campaign.draft(randomUUID(), content);
      await tx.insert(Campaign, campaign);
      await attachSteeringBodies(tx, campaign.campaignId, steeringBodyIds);
      await recordStaffAction(tx, by, { action: 'campaign.create', targetId: campaign.campaignId, campaignId: campaign.campaignId });
      return campaign.campaignId;
    });
  }
}
