import { createHash } from 'node:crypto';
import { holds, type Check } from './checks/check.js';
import type { VisibleEvidence } from './checks/evidence.js';
import { receiptOf } from './intake/history.js';
import type { Played } from './play.js';

export interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  /** SHA-256 of the accepted source keys, sorted: two runs accepted the same set if it is the same. */
  readonly acceptedSet: string;
  readonly openingLatenessMs: number | undefined;
  readonly closingLatenessMs: number | undefined;
  readonly retries: number;
  readonly files: readonly string[];
  readonly checks: readonly (Check & { readonly ok: boolean })[];
  /** The same for people. */
  readonly remarks: readonly string[];
}

export function resultOf({ played, evidence, checks, logs = [], seconds }: { played: Played; evidence: VisibleEvidence; checks: readonly Check[]; logs?: readonly string[]; seconds: number }): Result {
  const accepted = played.filed.filter(receiptOf).map(({ key }) => key).sort();
  const acceptedSet = createHash('sha256').update(accepted.join('\n')).digest('hex');
  const { openingLatenessMs, closingLatenessMs, retries } = played;
  const files = evidence.files.map(({ path }) => path);
  const late = (ms: number | undefined): string => (ms === undefined ? 'unknown' : `${ms} ms after its instant`);
  const different = checks.filter((check) => !holds(check)).length;
  return {
    ok: different === 0, seconds: Math.round(seconds * 10) / 10, acceptedSet, openingLatenessMs, closingLatenessMs, retries, files,
    checks: checks.map((check) => ({ ...check, ok: holds(check) })),
    remarks: [
      `Opened ${late(openingLatenessMs)}, closed ${late(closingLatenessMs)}. Requests sent again for want of an answer: ${retries}.`,
      `Accepted set: ${accepted.length} source keys, SHA-256 ${acceptedSet.slice(0, 16)}… (the same in every run).`,
      'Report:', ...files.map((path) => `  ${path}`), ...logs.map((path) => `Logs of the services: ${path}`),
      different === 0 ? `All ${checks.length} checks hold, after ${Math.round(seconds)} s.` : `${different} of ${checks.length} checks DIFFER, after ${Math.round(seconds)} s.`,
    ],
  };
}
