import { describe, expect, it } from '@jest/globals';
import { backOff, Loop } from './loop.js';

const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));
const never = 3_600_000;

describe('Loop', () => {
  it('steps again at once for 0, waits for its pause, and ends when done', async () => {
    const answers = [0, 0, 'done'] as const;
    let steps = 0;
    const loop = new Loop(async () => answers[steps++]!);
    loop.start();
    await loop.stop();
    expect(steps).toBe(1);

    steps = 0;
    const whole = new Loop(async () => answers[steps++]!);
    whole.start();
    while (steps < 3) await aMoment();
    await whole.stop();
    expect(steps).toBe(3);
  });

  it('is woken during a pause', async () => {
    let steps = 0;
    const loop = new Loop(async () => (steps++, never));
    loop.start();
    await aMoment();
    expect(steps).toBe(1);
    loop.wake();
    await aMoment();
    expect(steps).toBe(2);
    await loop.stop();
  });

  it('does not pause when it was woken during the step: what was committed meanwhile may have been missed', async () => {
    let steps = 0;
    const loop: Loop = new Loop(async () => {
      if (++steps === 1) loop.wake();
      return never;
    });
    loop.start();
    await aMoment();
    expect(steps).toBe(2);
    await loop.stop();
  });

  it('finishes its step when stopped, and begins no other', async () => {
    let finish: () => void = () => undefined;
    let finished = 0;
    const loop = new Loop(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      finished++;
      return 0;
    });
    loop.start();
    const stopped = loop.stop();
    finish();
    await stopped;
    expect(finished).toBe(1);
  });

  it('stops before it was started', async () => {
    await new Loop(async () => 'done').stop();
  });
});

describe('backOff', () => {
  it('doubles up to its limit', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => backOff(failures, 1_000))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });
});
