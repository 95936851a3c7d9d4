import { Module } from '@nestjs/common';
import { CreateEdition } from './create-edition.use-case.js';
import { CreateProgramme } from './create-programme.use-case.js';
import { ProgrammeController } from './programme.controller.js';
import { ProgrammeQueries } from './programme.queries.js';

@Module({ controllers: [ProgrammeController], providers: [CreateProgramme, CreateEdition, ProgrammeQueries] })
export class ProgrammeModule {}
