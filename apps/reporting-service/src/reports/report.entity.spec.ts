import { describe, expect, it } from '@jest/globals';
import { Report } from './report.entity.js';

const at = new Date('2026-03-06T17:00:06.000Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const identity = { id: 'r', campaignId: 'c', number: 'CAHIER-2026-0001', version: 1, traceparent: null };
const closing = () => Report.closing(identity, new Date('2026-03-06T17:00:00.000Z'), at);

describe('a report', () => {
  it('that waits tells staff once, when patience is at its end', () => {
    const report = closing();
    expect([report.wait(3, later(1)), report.wait(2, later(Report.PATIENCE_MS - 1)), report.wait(2, later(Report.PATIENCE_MS)), report.wait(1, later(Report.PATIENCE_MS + 1))]).toEqual([false, false, true, false]);
    expect(report).toMatchObject({ state: 'awaiting', missing: 1 });
  });

  it('says of a mismatch only what is news', () => {
    const report = closing();
    expect([report.contradict('a', at), report.contradict('a', later(1))]).toEqual([true, false]);
    report.wait(1, later(2));
    expect(report.cause).toBeNull();
    expect(report.contradict('b', later(3))).toBe(true);
  });

  it('is tried again after a crash, later each time, and fails at the third', () => {
    const report = Report.interim(identity, at, 's', at);
    expect(report.retry('x', at)).toBe(true);
    const first = report.lookAt!.getTime();
    expect(report.retry('x', at)).toBe(true);
    expect(report.lookAt!.getTime()).toBeGreaterThan(first);
    expect(report.retry('x', at)).toBe(false);
    expect(report).toMatchObject({ state: 'failed', cause: 'x' });
  });

  it('has nothing to publish before it is published', () => {
    expect(() => closing().publication()).toThrow('awaiting');
  });
});
