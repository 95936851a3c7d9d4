import { messagingEntities, messagingMigrations } from '@cahier/messaging';
import { databaseOptions, platformMigrations } from '@cahier/platform';
import type { DataSourceOptions } from 'typeorm';
import { Campaign } from './campaigns/campaign.entity.js';
import { Transition } from './campaigns/transition.entity.js';
import { DocumentNode } from './documents/document-node.entity.js';
import { CreateCampaign1767225600200 } from './migrations/1767225600200-create-campaign.js';
import { Edition, Programme } from './programmes/programme.entity.js';
import { ScheduleEntry } from './schedule/schedule-entry.entity.js';
import { Member, SteeringBody } from './steering/steering-body.entity.js';

/** Entities and migrations, for the service, its commands and its tests. */
export function dataSourceOptions(url: string, pool = 10): DataSourceOptions {
  return databaseOptions({
    url,
    pool,
    applicationName: 'campaign-service',
    entities: [SteeringBody, Member, Programme, Edition, Campaign, Transition, DocumentNode, ScheduleEntry, ...messagingEntities],
    migrations: [...platformMigrations, ...messagingMigrations, CreateCampaign1767225600200],
  });
}
