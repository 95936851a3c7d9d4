import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bucket, type Rate } from './bucket.js';

const rate: Rate = { burst: 5, perSecond: 2 };
const taking = (bucket: Bucket, times: number, now: number, cost = 1): number => Array.from({ length: times }, () => bucket.take(now, cost)).filter(({ allowed }) => allowed).length;

describe('a bucket', () => {
  it('takes its burst at once and then its rate', () => {
    const bucket = new Bucket(rate);
    expect([taking(bucket, 20, 100), taking(bucket, 20, 100.4), taking(bucket, 20, 100.5), taking(bucket, 20, 103), taking(bucket, 20, 1_000)]).toEqual([5, 0, 1, 5, 5]);
  });

  it('says what is left, when all is there again and when the next is taken', () => {
    const bucket = new Bucket(rate);
    expect(bucket.take(100)).toEqual({ allowed: true, remaining: 4, fullIn: 0.5, nextIn: 0 });
    taking(bucket, 4, 100);
    expect(bucket.take(100.25)).toEqual({ allowed: false, remaining: 0, fullIn: 2.25, nextIn: 0.25 });
  });

  it('takes less when each request costs more, but never nothing', () => {
    expect(taking(new Bucket({ burst: 100, perSecond: 1 }), 1_000, 0, 4)).toBe(25);
    expect(taking(new Bucket({ burst: 1, perSecond: 1 }), 10, 0, 4)).toBe(1);
  });

  it('takes again what was given back', () => {
    const bucket = new Bucket(rate);
    taking(bucket, 5, 100);
    bucket.giveBack();
    expect([taking(bucket, 5, 100), bucket.toTell]).toEqual([1, 5]);
  });

  it('pays back what other replicas took, and what it took while it was not asked', () => {
    const bucket = new Bucket(rate);
    taking(bucket, 3, 100);
    const told = bucket.toTell;
    taking(bucket, 1, 100);
    // Together with the others 8 were taken when Redis was told: 4 seconds, and half a second for the one since.
    bucket.learn(told, 4, 100);
    expect(bucket.toTell).toBe(1);
    expect([taking(bucket, 1, 102.4), taking(bucket, 1, 102.5)]).toEqual([0, 1]);
  });

  it('is forgotten only when it would say the same as a new one', () => {
    const bucket = new Bucket(rate);
    bucket.take(100);
    expect([bucket.isForgotten(101)]).toEqual([false]);
    bucket.learn(1, 0.5, 100);
    expect([bucket.isForgotten(100.4), bucket.isForgotten(100.5)]).toEqual([false, true]);
  });

  it('never takes more than burst + rate × t in any t, whatever the arrivals', () => {
    const limits = fc.record({ burst: fc.integer({ min: 1, max: 50 }), perSecond: fc.double({ min: 0.01, max: 100, noNaN: true }) });
    fc.assert(fc.property(limits, fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { maxLength: 200 }), (limit, pauses) => {
      const bucket = new Bucket(limit);
      let now = 0;
      const taken: number[] = [];
      for (const pause of pauses) {
        now += pause;
        if (bucket.take(now).allowed) taken.push(now);
      }
      for (let i = 0; i < taken.length; i++) for (let j = i; j < taken.length; j++) expect(j - i + 1).toBeLessThanOrEqual(limit.burst + limit.perSecond * (taken[j]! - taken[i]!) + 1e-3);
    }), { numRuns: 300 });
  });
});
