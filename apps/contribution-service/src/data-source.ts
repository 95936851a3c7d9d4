import { messagingEntities, messagingMigrations } from '@cahier/messaging';
import { databaseOptions, platformMigrations } from '@cahier/platform';
import type { DataSourceOptions } from 'typeorm';
import { Contribution } from './contributions/contribution.entity.js';
import { Moderation } from './contributions/moderation.entity.js';
import { CreateContribution1767225600100 } from './migrations/1767225600100-create-contribution.js';
import { AddRestoredContributions1767225600101 } from './migrations/1767225600101-add-restored-contributions.js';
import { AddContactsErased1767312000100 } from './migrations/1767312000100-add-contacts-erased.js';
import { IntakeSeal } from './seal/intake-seal.entity.js';
import { CampaignWindow } from './windows/campaign-window.entity.js';
import { CampaignOutline, OutlineNode } from './windows/outline.entity.js';

/** Entities and migrations, for the service, its commands and its tests. */
export function dataSourceOptions(url: string, pool = 10): DataSourceOptions {
  return databaseOptions({
    url,
    pool,
    applicationName: 'contribution-service',
    entities: [CampaignWindow, CampaignOutline, OutlineNode, Contribution, Moderation, IntakeSeal, ...messagingEntities],
    migrations: [...platformMigrations, ...messagingMigrations, CreateContribution1767225600100, AddRestoredContributions1767225600101, AddContactsErased1767312000100],
  });
}
