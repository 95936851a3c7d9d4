import { Module } from '@nestjs/common';
import { CampaignModule } from '../campaigns/campaign.module.js';
import { AddMember } from './add-member.use-case.js';
import { CreateSteeringBody } from './create-steering-body.use-case.js';
import { RemoveMember } from './remove-member.use-case.js';
import { SteeringController } from './steering.controller.js';
import { SteeringQueries } from './steering.queries.js';

@Module({ imports: [CampaignModule], controllers: [SteeringController], providers: [CreateSteeringBody, AddMember, RemoveMember, SteeringQueries] })
export class SteeringModule {}
