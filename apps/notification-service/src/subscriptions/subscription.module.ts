import { Module } from '@nestjs/common';
import { ChangeSubscription } from './change-subscription.use-case.js';
import { RequestSubscription } from './request-subscription.use-case.js';
import { SubscriptionController } from './subscription.controller.js';
import { SubscriptionQueries } from './subscription.queries.js';

@Module({ controllers: [SubscriptionController], providers: [RequestSubscription, ChangeSubscription, SubscriptionQueries] })
export class SubscriptionModule {}
