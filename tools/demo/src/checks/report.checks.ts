import { IntakeDigest } from '@cahier/contracts';
import { countBy, sameCounts, type Check } from './check.js';
import type { Evidence, VisibleEvidence } from './evidence.js';
import { expectedOf, sameContributions } from './expectation.js';
import type { Shown } from '../evidence/contribution.js';

export function rowsInCsv(evidence: VisibleEvidence): Check {
  return sameContributions('Rows in the CSV', expectedOf(evidence), evidence.csv);
}

export function rowsInXlsx(evidence: VisibleEvidence): Check {
  return sameContributions('Rows in the XLSX', expectedOf(evidence), evidence.xlsx);
}

export function rowsInJsonl(evidence: VisibleEvidence): Check {
  return sameContributions('Rows in the JSONL', expectedOf(evidence), evidence.jsonl);
}

/** The number that a committee reads first. */
export function totalInPdf(evidence: VisibleEvidence): Check {
  const expected = expectedOf(evidence).length;
  const { pdfTotal } = evidence;
  return { name: 'Total read out of the PDF', expected, seen: pdfTotal ?? 'none', differences: pdfTotal === expected ? [] : [`${expected} expected, ${pdfTotal ?? 'no number'} found`] };
}

export function countsBySection(evidence: VisibleEvidence): Check {
  const seen = evidence.figures.bySection.filter(({ contributions }) => contributions > 0).map(({ heading, contributions }) => [heading ?? 'none', contributions] as const);
  return sameCounts('By section', countBy(expectedOf(evidence), ({ section }) => section), new Map(seen));
}

export function countsByKind(evidence: VisibleEvidence): Check {
  return sameCounts('By kind', countBy(expectedOf(evidence), ({ kind }) => kind), new Map(evidence.figures.byKind.map(({ kind, contributions }) => [kind, contributions])));
}

export function countsByStance(evidence: VisibleEvidence): Check {
  const seen = evidence.figures.byStance.map(({ stance, contributions }) => [stance ?? 'none', contributions] as const);
  return sameCounts('By stance', countBy(expectedOf(evidence), ({ stance }) => stance ?? 'none'), new Map(seen));
}

/** The replay brings 23 days into seconds, so the days of 2015 are counted among the rows that the report lists. */
export function countsBySampleDay(evidence: VisibleEvidence): Check {
  const expected = expectedOf(evidence);
  const days = new Map(expected.map(({ id, sampleDay }) => [id, sampleDay]));
  return sameCounts('By day of 2015, of the rows listed', countBy(expected, ({ sampleDay }) => sampleDay), countBy(evidence.jsonl, ({ id }) => days.get(id) ?? 'unknown'));
}

/** By the instants of the receipts, in the campaign's time zone. */
export function countsByHour(evidence: VisibleEvidence): Check {
  const { byHour, byDay, zone } = evidence.figures;
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' });
  const hourOf = (at: string): string => local.format(new Date(at)).replace(' ', 'T');
  const hours = countBy(expectedOf(evidence), ({ receivedAt }) => hourOf(receivedAt));
  const days = countBy(expectedOf(evidence), ({ receivedAt }) => hourOf(receivedAt).slice(0, 10));
  const seen = [...byHour.map(({ hour, contributions }) => [hour, contributions] as const), ...byDay.filter(({ contributions }) => contributions > 0).map(({ day, contributions }) => [day, contributions] as const)];
  return sameCounts('By day and hour of receipt', new Map([...hours, ...days]), new Map(seen));
}

export function addressesCounted(evidence: VisibleEvidence): Check {
  const expected = new Set(expectedOf(evidence).flatMap(({ email }) => email ?? [])).size;
  const seen = evidence.figures.distinctAddresses;
  return { name: 'Distinct declared addresses', expected, seen, differences: seen === expected ? [] : [`${expected} expected, ${seen} seen`] };
}

/** Computed again from the record, and from the file that leaves the platform. */
export function sealHolds(evidence: Evidence): Check {
  const { seal, stored, jsonl, window } = evidence;
  const accepted = expectedOf(evidence).length;
  const differences = seal
    ? [
        ...(seal.accepted === accepted ? [] : [`accepted: ${accepted} expected, ${seal.accepted} sealed`]),
        ...(seal.closesAt === window.closesAt ? [] : [`closing: ${window.closesAt} expected, ${seal.closesAt} sealed`]),
        ...(seal.digest === digestOf(stored) ? [] : ['the digest of the rows in PostgreSQL is another one']),
        ...(seal.digest === digestOf(jsonl) ? [] : ['the digest of the JSONL is another one']),
      ]
    : ['there is no seal'];
  return { name: 'Seal recomputed from PostgreSQL and from the JSONL', expected: accepted, seen: seal ? `${seal.accepted} ${seal.digest.slice(0, 12)}…` : 'none', differences };
}

function digestOf(rows: readonly Shown[]): string {
  const digest = new IntakeDigest();
  for (const { id, sha256, status } of [...rows].sort((one, other) => (one.id < other.id ? -1 : 1))) digest.add(id, sha256, status === 'withdrawn');
  return digest.hex();
}

/** Each file is the one that the manifest describes, and none is missing. */
export function manifestHolds({ files }: VisibleEvidence): Check {
  const described = files.filter(({ name, manifestSha256 }) => name !== 'manifest.json' && manifestSha256 !== undefined);
  const wanted = ['report.pdf', 'contributions.csv', 'contributions.xlsx', 'contributions.jsonl', 'figures.json'];
  return {
    name: 'Files with the hashes of the manifest',
    expected: files.length - 1,
    seen: described.filter(({ sha256, manifestSha256 }) => sha256 === manifestSha256).length,
    differences: [
      ...wanted.filter((name) => !described.some((file) => file.name === name)).map((name) => `not in the manifest: ${name}`),
      ...files.filter(({ name, manifestSha256, sha256 }) => name !== 'manifest.json' && manifestSha256 !== sha256).map(({ name }) => `another hash: ${name}`),
    ],
  };
}
