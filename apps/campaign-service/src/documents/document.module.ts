import { Module } from '@nestjs/common';
import { DocumentController } from './document.controller.js';
import { DocumentQueries } from './document.queries.js';
import { ImportDocument } from './import-document.use-case.js';

@Module({ controllers: [DocumentController], providers: [ImportDocument, DocumentQueries] })
export class DocumentModule {}
