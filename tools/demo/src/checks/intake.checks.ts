import { isDeepStrictEqual } from 'node:util';
import { receiptOf, type Answer } from '../intake/history.js';
import { countBy, sameMembers, type Check } from './check.js';
import type { Evidence, VisibleEvidence } from './evidence.js';
import { expectedOf, sameContributions, sha256 } from './expectation.js';

/** Before the opening nothing is taken, and the refusal tells when it will be. */
export function refusedBeforeOpening({ early, firstWindow }: VisibleEvidence): Check {
  return {
    name: 'Refused before the opening, with the instants',
    expected: early.length,
    seen: early.filter(({ answer }) => answer.kind === 'refused').length,
    differences: early.flatMap(({ key, answer }) => wrongRefusal(key, answer, firstWindow, (receivedAt) => receivedAt < firstWindow.opensAt)),
  };
}

/** The sample came while the campaign was open: all of it is accepted, whatever was restarted meanwhile. */
export function sampleAccepted({ filed }: VisibleEvidence): Check {
  const accepted = filed.filter(receiptOf);
  return {
    name: 'Filings of the sample accepted',
    expected: filed.length,
    seen: accepted.length,
    differences: filed.filter((one) => !receiptOf(one)).map(({ key, answers }) => `not accepted: ${key} ${describe(answers[0])}`),
  };
}

/** Sent twice or ten times, answered with one and the same receipt. */
export function repeatsAnsweredAlike({ filed }: VisibleEvidence): Check {
  const repeated = filed.filter(({ answers }) => answers.length > 1);
  const alike = repeated.filter(({ answers: [first, ...others] }) => others.every((other) => isDeepStrictEqual(other, first)));
  return { name: 'Repeated requests with one and the same receipt', expected: repeated.length, seen: alike.length, differences: repeated.filter((one) => !alike.includes(one)).map(({ key }) => `another answer: ${key}`) };
}

/** Around closing, the instant of receipt alone decides. */
export function judgedByInstant({ edges, window }: VisibleEvidence): Check {
  const differences = edges.flatMap(({ key, answers: [answer] }) => {
    if (answer?.kind === 'accepted') return answer.receipt.receivedAt < window.closesAt ? [] : [`accepted late: ${key} at ${answer.receipt.receivedAt}`];
    return answer ? wrongRefusal(key, answer, window, (receivedAt) => receivedAt >= window.closesAt) : [`no answer: ${key}`];
  });
  const accepted = edges.filter(receiptOf).length;
  return { name: 'Around closing, judged by the instant of receipt', expected: edges.length, seen: `${edges.length} (${accepted} in time, ${edges.length - accepted} late)`, differences };
}

/** After closing new ones get a definite no. */
export function refusedAfterClosing({ late, window }: VisibleEvidence): Check {
  return {
    name: 'Refused after closing, definitely',
    expected: late.length,
    seen: late.filter(({ answers }) => answers[0]?.kind === 'refused').length,
    differences: late.flatMap(({ key, answers: [answer] }) => (answer ? wrongRefusal(key, answer, window, (receivedAt) => receivedAt >= window.closesAt) : [`no answer: ${key}`])),
  };
}

/** The receipt is about these bytes, and names the contribution as no other receipt does. */
export function receiptsExact(evidence: VisibleEvidence): Check {
  const accepted = [...evidence.filed, ...evidence.edges].flatMap((one) => (receiptOf(one) ? [{ ...one, receipt: receiptOf(one)! }] : []));
  const twice = (names: readonly string[]): string[] => [...countBy(names, (name) => name)].filter(([, times]) => times > 1).map(([name]) => `two receipts for ${name}`);
  return {
    name: 'Receipts for the bytes sent, each with a number of its own',
    expected: accepted.length,
    seen: new Set(accepted.map(({ receipt }) => receipt.filingNumber)).size,
    differences: [
      ...accepted.filter((one) => one.receipt.bodySha256 !== sha256(one)).map(({ key }) => `another hash: ${key}`),
      ...twice(accepted.map(({ receipt }) => receipt.contributionId)),
      ...twice(accepted.map(({ receipt }) => receipt.filingNumber)),
      ...twice(accepted.map(({ receipt }) => receipt.managementToken)),
    ],
  };
}

export function storedOnce(evidence: Evidence): Check {
  return sameContributions('Rows in PostgreSQL', expectedOf(evidence), evidence.stored);
}

/** Kept as received: what comes out of the encryption is what was sent. */
export function bytesKept(evidence: Evidence): Check {
  const sent = new Map(expectedOf(evidence).map(({ id, key, sha256: hash }) => [id, { key, hash }]));
  const kept = evidence.stored.filter(({ id, openedSha256 }) => sent.get(id)?.hash === openedSha256);
  return { name: 'Stored bodies decrypted, equal to the bytes sent', expected: sent.size, seen: kept.length, differences: evidence.stored.filter((one) => !kept.includes(one)).map(({ id, openedSha256 }) => `altered: ${sent.get(id)?.key ?? id} ${openedSha256}`) };
}

export function publishedOnce(evidence: Evidence): Check {
  return sameContributions('Distinct events in Kafka', expectedOf(evidence), evidence.submitted);
}

export function projectedOnce(evidence: Evidence): Check {
  return sameContributions('Rows in the projection', expectedOf(evidence), evidence.projected);
}

/** Two contributions never share an event, nor two events a contribution. */
export function eventsDistinct({ submitted }: Evidence): Check {
  return sameMembers('Event ids, one for each contribution', new Set(submitted.map(({ eventId }) => eventId)), [...new Map(submitted.map(({ id, eventId }) => [id, eventId])).values()]);
}

function wrongRefusal(key: string, answer: Answer, window: VisibleEvidence['window'], judged: (receivedAt: string) => boolean): string[] {
  if (answer.kind !== 'refused') return [`not refused: ${key} ${describe(answer)}`];
  const { status, problem } = answer;
  if (status !== 409 || !problem.type?.endsWith('/campaign.not-open')) return [`refused otherwise: ${key} ${describe(answer)}`];
  if (problem.opensAt !== window.opensAt || problem.closesAt !== window.closesAt) return [`refused without the instants: ${key} ${describe(answer)}`];
  return judged(problem.receivedAt ?? '') ? [] : [`refused at the wrong instant: ${key} at ${problem.receivedAt}`];
}

function describe(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case 'refused':
      return [answer.status, answer.problem.type, answer.problem.receivedAt ?? answer.problem.detail].filter(Boolean).join(' ');
    case 'unknown':
      return `no definite answer: ${answer.why}`;
    case 'accepted':
      return `accepted at ${answer.receipt.receivedAt}`;
    case undefined:
      return 'not sent';
  }
}
