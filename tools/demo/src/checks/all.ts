import type { Check } from './check.js';
import type { Evidence, VisibleEvidence } from './evidence.js';
import * as intake from './intake.checks.js';
import * as mail from './mail.checks.js';
import * as report from './report.checks.js';
import * as system from './system.checks.js';

/** What can be checked of any deployment, in the order of the story. */
const fromOutside: readonly ((evidence: VisibleEvidence) => Check)[] = [
  intake.refusedBeforeOpening,
  intake.sampleAccepted,
  intake.repeatsAnsweredAlike,
  intake.judgedByInstant,
  intake.refusedAfterClosing,
  intake.receiptsExact,
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
  report.manifestHolds,
  mail.receiptMails,
  mail.reportMails,
  mail.subscriberMails,
  mail.linksOpen,
  mail.mailsDistinct,
  mail.dispatchesSettled,
  system.noDeadLetter,
];

/** What takes the databases, Kafka and the logs. */
const fromInside: readonly ((evidence: Evidence) => Check)[] = [
  intake.storedOnce,
  intake.bytesKept,
  intake.publishedOnce,
  intake.eventsDistinct,
  intake.projectedOnce,
  report.sealHolds,
  system.noLeak,
];

export const checks: readonly ((evidence: Evidence) => Check)[] = [...fromOutside, ...fromInside];

export const checkAll = (evidence: Evidence): Check[] => checks.map((check) => check(evidence));
export const checkVisible = (evidence: VisibleEvidence): Check[] => fromOutside.map((check) => check(evidence));
