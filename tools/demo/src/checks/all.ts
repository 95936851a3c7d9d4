import type { Check } from './check.js';
import type { Evidence } from './evidence.js';
import * as intake from './intake.checks.js';
import * as mail from './mail.checks.js';
import * as report from './report.checks.js';
import * as system from './system.checks.js';

/** Every check, in the order of the story. */
export const checks: readonly ((evidence: Evidence) => Check)[] = [
  intake.refusedBeforeOpening,
  intake.sampleAccepted,
  intake.repeatsAnsweredAlike,
  intake.judgedByInstant,
  intake.refusedAfterClosing,
  intake.receiptsExact,
  intake.storedOnce,
  intake.bytesKept,
  intake.publishedOnce,
  intake.eventsDistinct,
  intake.projectedOnce,
  report.rowsInCsv,
  report.rowsInXlsx,
  report.rowsInJsonl,
  report.totalInPdf,
  report.countsBySection,
  report.countsByKind,
  report.countsByStance,
  report.countsBySampleDay,
  report.countsByHour,
  report.addressesCounted,
  report.sealHolds,
  report.manifestHolds,
  mail.receiptMails,
  mail.reportMails,
  mail.subscriberMails,
  mail.linksOpen,
  mail.mailsDistinct,
  mail.dispatchesSettled,
  system.noDeadLetter,
  system.noLeak,
];

export const checkAll = (evidence: Evidence): Check[] => checks.map((check) => check(evidence));
