import { beforeAll, describe, expect, it } from '@jest/globals';
import { sampleFilings } from '../samples/samples.js';
import { planReplay, type Planned } from './plan.js';

describe('the plan of the replay', () => {
  let plan: Planned[];
  beforeAll(async () => {
    plan = planReplay(await sampleFilings(), 20, 'example.org');
  });

  it('keeps order and rhythm: 23 days become 20 seconds', () => {
    expect([plan[0]!.dueMs, Math.round(plan.at(-1)!.dueMs)]).toEqual([0, 20_000]);
    const first = Date.parse(plan[0]!.filing.at);
    const ratios = plan.slice(1).filter(({ dueMs }) => dueMs > 0).map(({ dueMs, filing }) => (Date.parse(filing.at) - first) / dueMs);
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeCloseTo(1, 9);
  });

  it('is the same every time, with a strong key of its own for each filing', async () => {
    expect(planReplay(await sampleFilings(), 20, 'example.org')).toEqual(plan);
    expect(new Set(plan.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(4986);
    for (const { idempotencyKey } of plan) expect(idempotencyKey).toMatch(/^[\w-]{43}$/);
  });

  it('gives an address to an eighth of the authors, always the same to one author', () => {
    const authors = Map.groupBy(plan, ({ filing }) => filing.author);
    const addressed = [...authors].filter(([, theirs]) => theirs[0]!.email !== undefined);
    expect(addressed.length / authors.size).toBeCloseTo(1 / 8, 1);
    for (const [author, theirs] of addressed) expect(new Set(theirs.map(({ email }) => email))).toEqual(new Set([`${author}@example.org`]));
  });

  it('sends some twice, indents some, and names an author only where the name is to be published', () => {
    expect(plan.filter(({ repeatAfterMs }) => repeatAfterMs !== undefined).length).toBeGreaterThan(200);
    expect(plan.filter(({ indented }) => indented).length).toBeGreaterThan(300);
    for (const { publication } of plan) expect(publication.authorName !== undefined).toBe(publication.preference === 'named');
    expect(new Set(plan.map(({ publication }) => publication.preference)).size).toBe(3);
  });
});
