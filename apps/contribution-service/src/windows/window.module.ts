import { Module } from '@nestjs/common';
import { TrackCampaignWindow } from './track-campaign-window.handler.js';
import { TrackOutline } from './track-outline.handler.js';
import { WindowController } from './window.controller.js';
import { WindowQueries } from './window.queries.js';

@Module({ controllers: [TrackCampaignWindow, TrackOutline, WindowController], providers: [WindowQueries], exports: [WindowQueries] })
export class WindowModule {}
