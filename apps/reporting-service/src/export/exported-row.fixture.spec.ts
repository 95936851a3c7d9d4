import type { ExportedRow } from './exported-row.statement.js';

/** A contribution as the database gives it to the files. */
export function exportedRow(changes: Partial<ExportedRow> = {}): ExportedRow {
  return {
    contribution_id: '01890000-0000-7000-8000-000000000001', campaign_id: '01890000-0000-7000-8000-000000000002', filing_number: 'F-000001', received_at: '2026-03-02T09:00:00.000Z', received_at_local: '2026-03-02T10:00:00.000',
    body_sha256: 'a'.repeat(64), status: 'filed', participant_ref: null, kind: 'proposal', stance: null, audience: null, language: 'fr', publication: 'anonymous', targets: [], section_number: null, section_heading: null,
    answers: null, title: null, body: 'Texte', proposed_wording: null, quotes: [], source_url: null, source_category: null, organisation: null, author_name: null, ...changes,
  };
}
