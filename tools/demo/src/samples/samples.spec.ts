import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SampleFiling } from './sample.js';
import { bill, sampleFilings } from './samples.js';

const headings = (level: string) => bill().split('\n').filter((line) => line.startsWith(`${level} `)).map((line) => line.slice(level.length + 1));

describe('the consultation of 2015 in samples/', () => {
  let filings: SampleFiling[];
  beforeAll(async () => {
    filings = await sampleFilings();
  });
  const count = (matches: (filing: SampleFiling) => boolean) => filings.filter(matches).length;
  const groups = (keyOf: (filing: SampleFiling) => string) => Map.groupBy(filings, keyOf);

  it('has 4 986 filings of three kinds by 1 538 people', () => {
    expect([filings.length, count(({ kind }) => kind === 'proposal'), count(({ kind }) => kind === 'argument'), count(({ kind }) => kind === 'evidence')]).toEqual([4986, 666, 3994, 326]);
    expect([count(({ stance }) => stance === 'support'), count(({ stance }) => stance === 'oppose')]).toEqual([1960, 2034]);
    expect(new Set(filings.map(({ key }) => key)).size).toBe(4986);
    expect(groups(({ author }) => author).size).toBe(1538);
  });

  it('has a bill of 18 sections and 30 articles; each filing is about one of them, or about an earlier filing', () => {
    const [chapters, articles] = [new Set(headings('#')), new Set(headings('##'))];
    expect([chapters.size, articles.size]).toEqual([18, 30]);
    const seen = new Set<string>();
    for (const { key, on } of filings) {
      const known = 'chapter' in on ? chapters.has(on.chapter) : 'article' in on ? articles.has(on.article) : seen.has(on.filing);
      expect([key, known]).toEqual([key, true]);
      seen.add(key);
    }
  });

  it('has as many answers to articles and to proposals as the source', () => {
    const answers = (kind: string, to: string) => count((filing) => filing.kind === kind && to in filing.on);
    expect([answers('argument', 'article'), answers('evidence', 'article'), answers('argument', 'filing'), answers('evidence', 'filing')]).toEqual([1096, 94, 2898, 232]);
  });

  it('is in the order of arrival, from 26 September 11:17:08 to 18 October 23:58:59', () => {
    const instants = filings.map(({ at }) => Date.parse(at));
    expect(instants).toEqual(instants.toSorted((one, other) => one - other));
    expect([filings[0]!.at, filings.at(-1)!.at]).toEqual(['2015-09-26T11:17:08+02:00', '2015-10-18T23:58:59+02:00']);
    expect(groups(({ at }) => at.slice(0, 10)).size).toBe(23);
  });

  it('keeps what a system likes to lose: first characters that a spreadsheet runs, decomposed letters, repeated texts', () => {
    // 120 in the source; six more once the HTML around their first line is gone.
    expect(count(({ body }) => /^[=+\-@]/.test(body))).toBe(126);
    expect(count(({ body }) => body !== body.normalize('NFC'))).toBe(9);
    const repeated = [...groups(({ author, on, body }) => JSON.stringify([author, on, body])).values()].filter((group) => group.length > 1);
    expect(repeated).toHaveLength(48);
  });

  it('has no markup left in proposals', () => {
    expect(count(({ kind, body }) => kind === 'proposal' && /<\/?(p|br|div|ul|ol|li|strong|em|h\d|span)\b/.test(body))).toBe(0);
  });
});
