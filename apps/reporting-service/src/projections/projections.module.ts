import { Module } from '@nestjs/common';
import { EmptyProjections } from './empty-projections.use-case.js';
import { ProjectCampaign } from './project-campaign.handler.js';
import { ProjectContributions } from './project-contributions.handler.js';
import { ProjectDocument } from './project-document.handler.js';
import { ProjectionsController } from './projections.controller.js';

/** Copies of other services' facts. */
@Module({ controllers: [ProjectCampaign, ProjectDocument, ProjectContributions, ProjectionsController], providers: [EmptyProjections] })
export class ProjectionsModule {}
