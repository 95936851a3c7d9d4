import { CheckedFile, type WrittenFile } from './checked-file.js';
import type { ExportedRow } from './exported-row.statement.js';

/** The lossless file: each line is the fact as contribution-service told it, without the sealed address. Code point for code point. */
export class JsonlFile {
  private constructor(private readonly file: CheckedFile) {}

  static async create(path: string): Promise<JsonlFile> {
    return new JsonlFile(await CheckedFile.create(path));
  }

  /** As `CheckedFile.write`. */
  write(row: ExportedRow): Promise<void> | undefined {
    return this.file.write(`${JSON.stringify(factsOf(row))}\n`);
  }

  async close(): Promise<WrittenFile> {
    return this.file.close();
  }
}

/** `ContributionFacts` again; absent members are absent. */
export function factsOf(row: ExportedRow): object {
  return {
    contributionId: row.contribution_id,
    campaignId: row.campaign_id,
    filingNumber: row.filing_number,
    receivedAt: row.received_at,
    bodySha256: row.body_sha256,
    status: row.status,
    participantRef: row.participant_ref ?? undefined,
    classification: {
      kind: row.kind,
      targets: row.targets.map(({ type, id }) => ({ type, id })),
      stance: row.stance ?? undefined,
      audience: row.audience ?? undefined,
      language: row.language,
      publication: row.publication,
    },
    text: row.body === null ? undefined : textOf(row, row.body),
  };
}

function textOf(row: ExportedRow, body: string): object {
  return {
    title: row.title ?? undefined,
    body,
    proposedWording: row.proposed_wording ?? undefined,
    quotes: row.quotes,
    source: row.source_url === null ? undefined : { url: row.source_url, category: row.source_category ?? undefined },
    organisation: row.organisation ?? undefined,
    authorName: row.author_name ?? undefined,
  };
}
