import { awaitedElsewhere } from '@cahier/platform';
import { setTimeout as sleep } from 'node:timers/promises';
import { file, type Intake } from './file.js';
import { receiptOf, type Filed } from './history.js';
import type { Planned } from './plan.js';
import { requestBody } from './request-body.js';
import { Slots } from './slots.js';

const IN_FLIGHT = 128;

export interface ReplayOptions {
  readonly intake: Intake;
  readonly nodeId: (heading: string) => string;
  /** Told after each definite answer. */
  readonly onFiled?: (filed: Filed) => void;
}

/**
 * Files the plan at its own rhythm, whether or not earlier ones were answered (an open loop, as the public is), except that
 * an answer to another filing waits for that one's receipt. At most `IN_FLIGHT` requests at once.
 */
export async function replay(plan: readonly Planned[], { intake, nodeId, onFiled }: ReplayOptions): Promise<Filed[]> {
  const slots = new Slots(IN_FLIGHT);
  const byKey = new Map<string, Promise<Filed>>();
  const start = performance.now();

  const send = async (planned: Planned): Promise<Filed> => {
    const { filing } = planned;
    const parent = 'filing' in filing.on ? await byKey.get(filing.on.filing) : undefined;
    const parentId = parent && receiptOf(parent)?.contributionId;
    const filed = parent && parentId === undefined ? notSent(planned, parent) : await slots.run(() => file(intake, { ...planned, key: filing.key }, requestBody(planned, { node: nodeId, contribution: () => parentId ?? '' })));
    onFiled?.(filed);
    return filed;
  };

  for (const planned of plan) {
    const early = start + planned.dueMs - performance.now();
    if (early >= 1) await sleep(early);
    byKey.set(planned.filing.key, awaitedElsewhere(send(planned)));
  }
  return Promise.all(byKey.values());
}

function notSent({ filing, idempotencyKey, email }: Planned, parent: Filed): Filed {
  return { key: filing.key, sample: filing, idempotencyKey, email, body: Buffer.alloc(0), answers: [{ kind: 'unknown', why: `not sent: ${parent.key}, which it answers, has no receipt` }] };
}
