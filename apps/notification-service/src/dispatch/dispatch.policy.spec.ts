import { describe, expect, it } from '@jest/globals';
import { judge } from './dispatch.policy.js';
import { outcomeOf } from './smtp.js';

describe('what an SMTP exchange comes to', () => {
  it.each([
    [{ responseCode: 421, command: 'CONN' }, false, { kind: 'refused', code: 421 }],
    [{ responseCode: 550, command: 'RCPT TO' }, false, { kind: 'refused', code: 550 }],
    [{ responseCode: 552, command: 'DATA' }, true, { kind: 'refused', code: 552 }],
    [{ code: 'ECONNREFUSED', command: 'CONN' }, false, { kind: 'unreachable' }],
    [{ code: 'ETIMEDOUT', command: 'CONN' }, false, { kind: 'unreachable' }],
    // nodemailer names CONN also for what happens after DATA.
    [{ code: 'ECONNECTION', command: 'CONN' }, true, { kind: 'unknown' }],
  ])('%j, message begun: %j, is %j', (error, begun, outcome) => {
    expect(outcomeOf(Object.assign(new Error('x'), error), begun)).toEqual(outcome);
  });
});

describe('the verdict', () => {
  it('doubles the pause up to half an hour, then gives up', () => {
    const after = (attempts: number) => judge({ kind: 'refused', code: 451 }, attempts, 'bulk');
    expect([after(1), after(4), after(11)]).toEqual([2_000, 16_000, 1_800_000].map((pauseMs) => ({ state: 'pending', pauseMs, counted: true })));
    expect(after(12)).toMatchObject({ state: 'expired' });
  });

  it('never tries again what is refused for good', () => {
    expect(judge({ kind: 'refused', code: 550 }, 1, 'receipts')).toEqual({ state: 'bounced', cause: 'SMTP 550' });
  });

  it('counts no attempt while the server is away', () => {
    expect(judge({ kind: 'unreachable' }, 30, 'bulk')).toEqual({ state: 'pending', pauseMs: 30_000, counted: false });
  });

  it('in doubt sends receipts again and leaves announcements to an operator', () => {
    expect(judge({ kind: 'unknown' }, 1, 'receipts').state).toBe('pending');
    expect(judge({ kind: 'unknown' }, 1, 'transactional').state).toBe('pending');
    expect(judge({ kind: 'unknown' }, 1, 'bulk').state).toBe('indeterminate');
  });
});
