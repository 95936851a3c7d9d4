import { Module } from '@nestjs/common';
import { AnnounceSeal } from './announce-seal.use-case.js';
import { SealIntake } from './seal-intake.use-case.js';
import { SealQueries } from './seal.queries.js';
import { SealStatus } from './seal-status.js';
import { Sealer } from './sealer.js';

@Module({ providers: [SealQueries, SealIntake, AnnounceSeal, Sealer, SealStatus], exports: [Sealer] })
export class SealModule {}
