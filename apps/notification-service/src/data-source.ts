import { messagingEntities, messagingMigrations } from '@cahier/messaging';
import { databaseOptions, platformMigrations } from '@cahier/platform';
import type { DataSourceOptions } from 'typeorm';
import { CampaignCopy } from './campaigns/campaign-copy.entity.js';
import { Dispatch } from './dispatch/dispatch.entity.js';
import { Mailing } from './mailings/mailing.entity.js';
import { CreateNotification1767225600300 } from './migrations/1767225600300-create-notification.js';
import { AddDispatchTrace1767225601300 } from './migrations/1767225601300-add-dispatch-trace.js';
import { AddContactsErased1767312000200 } from './migrations/1767312000200-add-contacts-erased.js';
import { DecideDispatches1767312000300 } from './migrations/1767312000300-decide-dispatches.js';
import { Subscription } from './subscriptions/subscription.entity.js';
import { Suppression } from './subscriptions/suppression.entity.js';

/** Entities and migrations, for the service, its commands and its tests. */
export function dataSourceOptions(url: string, pool = 10): DataSourceOptions {
  return databaseOptions({
    url,
    pool,
    applicationName: 'notification-service',
    entities: [CampaignCopy, Subscription, Suppression, Mailing, Dispatch, ...messagingEntities],
    migrations: [...platformMigrations, ...messagingMigrations, CreateNotification1767225600300, AddDispatchTrace1767225601300, AddContactsErased1767312000200, DecideDispatches1767312000300],
  });
}
