import { Public, Staff } from '@cahier/platform';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CampaignParams, campaignParams, type DocumentView, documentView, importedDocument } from './document.dto.js';
import { DocumentQueries } from './document.queries.js';
import { type ImportedDocument, ImportDocument } from './import-document.use-case.js';

@ApiTags('documents')
@Controller()
export class DocumentController {
  constructor(private readonly importDocument: ImportDocument, private readonly queries: DocumentQueries) {}

  @Put('staff/campaigns/:campaignId/document')
  @Staff('campaign-manager')
  @ApiOperation({ summary: 'Importe le document soumis, en Markdown · Imports the consulted document, in Markdown' })
  @ApiConsumes('text/markdown')
  @ApiBody({ schema: { type: 'string' } })
  @ApiResponse({ status: 200, standardSchema: importedDocument })
  import(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Body({ schema: z.string().min(1) }) markdown: string): Promise<ImportedDocument> {
    return this.importDocument.execute(campaignId, markdown);
  }

  @Get('campaigns/:campaignId/document')
  @Public()
  @ApiOperation({ summary: 'Document soumis, avec son texte · The consulted document with its text' })
  @ApiResponse({ status: 200, standardSchema: documentView })
  document(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<DocumentView> {
    return this.queries.document(campaignId);
  }
}
