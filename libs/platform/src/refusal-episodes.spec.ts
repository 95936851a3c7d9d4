import { describe, expect, it } from '@jest/globals';
import { RefusalEpisodes } from './refusal-episodes.js';

describe('an episode of refusals', () => {
  it('is two lines, however many requests were refused', () => {
    const lines: object[] = [];
    const tell = (line: object) => { lines.push(line); };
    const episodes = new RefusalEpisodes({ warn: tell, log: tell });
    for (let at = 0; at < 30_000; at += 10) episodes.note('/campaigns/:campaignId/contributions', at);
    episodes.look(35_000);
    expect(lines).toHaveLength(1);
    episodes.look(40_000);
    episodes.look(60_000);
    expect(lines).toEqual([expect.objectContaining({ route: '/campaigns/:campaignId/contributions' }), expect.objectContaining({ refused: 3_000, seconds: 30 })]);
    episodes.note('/', 70_000);
    expect(lines).toHaveLength(3);
    episodes.look(90_000);
  });
});
