import { createTestDatabase } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '../data-source.js';
import { acceptContributions, planSettings } from './accept-contributions.statement.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => { database = await createTestDatabase((url) => dataSourceOptions(url, 1)); });
afterAll(async () => { await database.drop(); });

interface Node { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; 'Index Cond'?: string; 'Plans'?: Node[] }
const withChildren = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(withChildren)];

describe('the plan of the hot statement, made on an empty database', () => {
  it('reaches each contribution by the one index that finds it', async () => {
    for (const [name, value] of Object.entries(planSettings)) await database.db.query(`SET ${name} = ${value}`);
    const [{ 'QUERY PLAN': [{ Plan }] }] = await database.db.query<[{ 'QUERY PLAN': [{ Plan: Node }] }]>(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${acceptContributions.text}`);
    const scans = withChildren(Plan).filter((node) => node['Node Type'].includes('Scan') && node['Relation Name'] === 'contribution');

    expect(scans.map((node) => [node['Index Name'], node['Index Cond']])).toEqual([
      ['contribution_key_hash_key', expect.stringContaining('key_hash = ')],
      ['contribution_campaign_id_contribution_id_idx', expect.stringMatching(/campaign_id = .*contribution_id = /)],
    ]);
  });
});
