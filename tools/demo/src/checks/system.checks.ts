import type { Check } from './check.js';
import type { Evidence, VisibleEvidence } from './evidence.js';

export function noDeadLetter({ deadLetters }: VisibleEvidence): Check {
  return { name: 'Dead letters', expected: 0, seen: deadLetters.length, differences: deadLetters };
}

/** An address of the public is in notification-service and in the sealed body, nowhere else. */
export function noLeak({ leaks }: Evidence): Check {
  return { name: 'Addresses of the public in logs and events', expected: 0, seen: leaks.length, differences: leaks };
}
