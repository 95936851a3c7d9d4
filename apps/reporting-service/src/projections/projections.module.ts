import { Module } from '@nestjs/common';
import { ProjectCampaign } from './project-campaign.handler.js';
import { ProjectContributions } from './project-contributions.handler.js';
import { ProjectDocument } from './project-document.handler.js';

/** Copies of other services' facts. */
@Module({ controllers: [ProjectCampaign, ProjectDocument, ProjectContributions] })
export class ProjectionsModule {}
