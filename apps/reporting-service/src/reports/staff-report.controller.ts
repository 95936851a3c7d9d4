import { Readable } from 'node:stream';
import { CurrentStaff, longAnswer, Staff, type StaffMember } from '@cahier/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { visibleBodies } from '../access/visibility.js';
import { OrderInterimReport } from './order-interim-report.use-case.js';
import { download, type Reply } from './report-download.js';
import { RemakeReport } from './remake-report.use-case.js';
import { ReportStore } from './report-store.js';
import {
  campaignParams, fileParams, interimBody, listFilter, reportComparison, reportList, reportParams, reportView,
  type CampaignParams, type FileParams, type InterimBody, type ListFilter, type ReportList, type ReportParams, type ReportView,
} from './report.dto.js';
import { ReportQueries } from './report.queries.js';

/** A steering member sees the reports of its own bodies' campaigns; for it the others do not exist. */
@ApiTags('reports')
@Controller('staff')
@Staff('analyst', 'campaign-manager', 'steering-member')
export class StaffReportController {
  constructor(private readonly queries: ReportQueries, private readonly orderInterimReport: OrderInterimReport, private readonly remakeReport: RemakeReport, private readonly store: ReportStore) {}

  @Post('campaigns/:campaignId/reports')
  @HttpCode(202)
  @ApiOperation({ summary: 'Demander un rapport provisoire · Order an interim report' })
  @ApiResponse({ status: 202, standardSchema: reportView, description: 'Being made; Location tells its progress' })
  async order(
    @Param({ schema: campaignParams }) { campaignId }: CampaignParams, @Body({ schema: interimBody.default({}) }) { cutoff }: InterimBody,
    @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply,
  ): Promise<ReportView> {
    const bodies = visibleBodies(staff);
    const reportId = await this.orderInterimReport.execute({ campaignId, cutoff: cutoff === undefined ? undefined : new Date(cutoff), by: staff.subject, bodies });
    void reply.header('location', `/staff/reports/${reportId}`);
    return this.queries.one(reportId, bodies);
  }

  @Get('reports')
  @ApiOperation({ summary: 'Rapports, le plus récent d’abord · Reports, the latest first' })
  @ApiResponse({ status: 200, standardSchema: reportList })
  list(@Query({ schema: listFilter }) filter: ListFilter, @CurrentStaff() staff: StaffMember): Promise<ReportList> {
    return this.queries.list(visibleBodies(staff), filter);
  }

  @Get('reports/:reportId')
  @ApiOperation({ summary: 'Un rapport et son avancement · A report and its progress' })
  @ApiResponse({ status: 200, standardSchema: reportView })
  one(@Param({ schema: reportParams }) { reportId }: ReportParams, @CurrentStaff() staff: StaffMember): Promise<ReportView> {
    return this.queries.one(reportId, visibleBodies(staff));
  }

  @Get('reports/:reportId/files/:name')
  @ApiOperation({ summary: 'Télécharger un fichier du rapport · Download a file of the report' })
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  async file(
    @Param({ schema: fileParams }) { reportId, name }: FileParams, @Headers('if-none-match') known: string | undefined,
    @CurrentStaff() staff: StaffMember, @Res({ passthrough: true }) reply: Reply,
  ): Promise<StreamableFile | undefined> {
    return download(this.store, await this.queries.file(reportId, name, visibleBodies(staff)), known, reply);
  }

  @Post('reports/:reportId/compare')
  @HttpCode(200)
  @Staff('admin')
  @ApiOperation({ summary: 'Établir de nouveau un rapport publié et comparer les empreintes · Make a published report again and compare hashes' })
  @ApiResponse({ status: 200, standardSchema: reportComparison })
  async compare(@Param({ schema: reportParams }) { reportId }: ReportParams, @CurrentStaff() staff: StaffMember): Promise<StreamableFile> {
    const compare = await this.remakeReport.compare(reportId, staff);
    return longAnswer(compare());
  }

  @Post('reports/:reportId/rebuild')
  @HttpCode(200)
  @Staff('admin')
  @ApiOperation({
    summary: 'Refaire un rapport en échec, ou rétablir les fichiers d’un rapport publié · Make a failed report again, or put the files of a published one back',
    description: 'Files of a published report are put back only where they come out the same.',
  })
  @ApiResponse({ status: 200, standardSchema: reportComparison })
  async rebuild(@Param({ schema: reportParams }) { reportId }: ReportParams, @CurrentStaff() staff: StaffMember): Promise<StreamableFile> {
    const rebuild = await this.remakeReport.rebuild(reportId, staff);
    return longAnswer(rebuild());
  }

  @Get('reports/:reportId/mismatch')
  @ApiOperation({
    summary: 'Ce que la projection contient, en JSONL · What the projection holds, as JSONL',
    description: 'One line for each contribution, in order of id. Compare it, line by line, with contribution-service’s `GET /staff/campaigns/{campaignId}/contribution-ids`.',
  })
  @ApiResponse({ status: 200, content: { 'application/jsonl': { schema: { type: 'string' } } } })
  async mismatch(@Param({ schema: reportParams }) { reportId }: ReportParams, @CurrentStaff() staff: StaffMember): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.queries.heldIds(reportId, visibleBodies(staff)), { objectMode: false }), { type: 'application/jsonl' });
  }
}
