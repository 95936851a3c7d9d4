import { serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReportLinks } from '../access/report-links.js';
import { ReportLinkInvalid } from './report.errors.js';
import { ReportQueries, unknown, type SharedReport } from './report.queries.js';

/** A report as the holder of a link sees it, or, without a link, the public. */
@Injectable()
export class OpenSharedReport {
  constructor(private readonly db: DataSource, private readonly links: ReportLinks, private readonly queries: ReportQueries) {}

  /** @throws ReportLinkInvalid for a token that does not open it; ReportUnknown without a token, unless it is public. */
  async open(reportId: string, token: string | undefined): Promise<SharedReport> {
    if (token === undefined) {
      const shared = await this.queries.shared(reportId, undefined);
      if (!shared) throw unknown();
      return shared;
    }
    const member = await this.links.memberOf(token, reportId, await serviceNow(this.db));
    const shared = member === undefined ? undefined : await this.queries.shared(reportId, member);
    if (!shared?.whole) throw refused();
    return shared;
  }
}

const refused = () => new ReportLinkInvalid({ fr: 'Il a expiré, ou il n’a pas été fait pour ce rapport. Demandez un nouveau lien au service chargé de la consultation.', en: 'It has expired, or was not made for this report. Ask the service in charge of the consultation for a new one.' });
