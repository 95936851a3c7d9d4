import { CurrentStaff, Public, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, Headers, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CampaignParams, campaignParams, type DocumentView, documentView, importedDocument } from './document.dto.js';
import { DocumentQueries } from './document.queries.js';
import { type ImportedDocument, ImportDocument } from './import-document.use-case.js';

interface Reply { header(name: string, value: string): Reply; status(code: number): Reply }

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
  import(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Body({ schema: z.string().min(1) }) markdown: string, @CurrentStaff() staff: StaffMember): Promise<ImportedDocument> {
    return this.importDocument.execute(campaignId, markdown, staff);
  }

  @Get('campaigns/:campaignId/document')
  @Public()
  @ApiOperation({ summary: 'Document soumis, avec son texte · The consulted document with its text' })
  @ApiResponse({ status: 200, standardSchema: documentView })
  @ApiResponse({ status: 304, description: 'Inchangé depuis l’ETag de If-None-Match · Unchanged since the ETag in If-None-Match' })
  async document(@Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Headers('if-none-match') known: string | undefined, @Res({ passthrough: true }) reply: Reply): Promise<DocumentView | undefined> {
    const tag = await this.queries.tag(campaignId);
    // Megabytes that seldom change: kept by whoever has them, and asked after each time.
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (known === tag) {
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return this.queries.document(campaignId);
  }
}
