import { Limited, pickLanguage, Public } from '@cahier/platform';
import { Controller, Get, Headers, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { OpenSharedReport } from './open-shared-report.queries.js';
import { download, type Reply } from './report-download.js';
import { reportPage } from './report.page.js';
import { ReportStore } from './report-store.js';
import { campaignParams, fileParams, linkQuery, publicReports, reportParams, type CampaignParams, type FileParams, type LinkQuery, type PublicReport, type ReportParams } from './report.dto.js';
import { ReportQueries } from './report.queries.js';

/** What a mail's link opens, and what the public sees once staff have published it. */
@ApiTags('reports')
@Controller()
@Public()
export class SharedReportController {
  constructor(private readonly shared: OpenSharedReport, private readonly queries: ReportQueries, private readonly store: ReportStore) {}

  @Get('reports/:reportId')
  @Limited('general', 'guessing')
  @ApiOperation({ summary: 'La page d’un rapport · A report’s page' })
  @ApiResponse({ status: 200, content: { 'text/html': { schema: { type: 'string' } } } })
  async page(
    @Param({ schema: reportParams }) { reportId }: ReportParams, @Query({ schema: linkQuery }) { token }: LinkQuery,
    @Headers('accept-language') languages: string | undefined, @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    const shared = await this.shared.open(reportId, token);
    // The address holds a token: no cache keeps the page.
    void reply.headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-store' });
    return reportPage(shared, token, pickLanguage(languages));
  }

  @Get('reports/:reportId/files/:name')
  @Limited('general', 'guessing')
  @ApiOperation({ summary: 'Télécharger un fichier · Download a file' })
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  async file(
    @Param({ schema: fileParams }) { reportId, name }: FileParams, @Query({ schema: linkQuery }) { token }: LinkQuery,
    @Headers('if-none-match') known: string | undefined, @Res({ passthrough: true }) reply: Reply,
  ): Promise<StreamableFile | undefined> {
    const { file } = await this.shared.open(reportId, token);
    return download(this.store, file(name), known, reply);
  }

  @Get('campaigns/:campaignId/reports')
  @ApiOperation({ summary: 'Rapports rendus publics · Reports made public' })
  @ApiResponse({ status: 200, standardSchema: publicReports })
  async published(@Param({ schema: campaignParams }) { campaignId }: CampaignParams): Promise<{ items: PublicReport[] }> {
    return { items: await this.queries.published(campaignId) };
  }
}
