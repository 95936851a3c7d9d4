import { readFileSync } from 'node:fs';
import type { Figures } from '../figures/figures.dto.js';
import type { ReportFile } from './report-order.js';
import type { Subject } from './subject.js';

const { version: codeVersion } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** What a report is and holds, for whoever checks it years later. Says nothing of when or where it was made: made again it is the same. */
export function manifestOf({ order, campaign, zone, seal }: Subject, figures: Figures, files: readonly ReportFile[]): object {
  return {
    report: { reportId: order.reportId, number: order.number, version: order.version, kind: order.kind, provisional: order.kind === 'interim' },
    campaign: { campaignId: order.campaignId, title: campaign.facts.title, zone },
    cutoff: order.cutoff,
    contributions: figures.contributions,
    seal: seal ? { closesAt: seal.closes_at.toISOString(), accepted: seal.accepted, withdrawn: seal.withdrawn, digest: seal.digest } : null,
    parameters: order.parameters,
    code: { service: 'reporting-service', version: codeVersion },
    files: files.map(({ name, mediaType, bytes, sha256, rows }) => ({ name, mediaType, bytes, sha256, ...(rows !== undefined && { rows }) })),
  };
}
