import { type Actor, recordStaffAction } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { attachSteeringBodies, requireEdition } from './attachments.js';
import { Campaign, type CampaignContent } from './campaign.entity.js';
import { lockCampaign } from './change-campaign.js';

/** Replaces the content of a draft. */
@Injectable()
export class EditCampaign {
  constructor(private readonly db: DataSource) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible, EditionUnknown, SteeringBodyUnknown. */
  async execute(campaignId: string, version: number, content: CampaignContent, steeringBodyIds: readonly string[], by: Actor): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      campaign.edit(content);
      await requireEdition(tx, content.editionId);
      await tx.save(Campaign, campaign);
      await attachSteeringBodies(tx, campaignId, steeringBodyIds);
      await recordStaffAction(tx, by, { action: 'campaign.edit', targetId: campaignId, campaignId });
    });
  }
}
