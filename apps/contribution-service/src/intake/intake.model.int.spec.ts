import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { stopClock } from '@cahier/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { heardCampaign, proposal, type Reply, startService, stored, type TestService } from '../harness.spec.js';
import { IntakeUnavailable } from './intake.errors.js';
import { IntakeWriter } from './intake-writer.js';

/**
 * The whole intake against a model of its promises (I2, I3, I4, I6, I7): few keys, few bodies, two campaigns, two replicas, waves of
 * requests at once before and after closing, and a database that is lost before a commit or after it.
 */

const closesAt = Date.parse('2027-02-01T11:00:00.000Z');
const BODIES = {
  one: JSON.stringify(proposal({ body: 'Plus d’arbres' })),
  /** Means the same, but is not the same bytes. */
  spaced: `${JSON.stringify(proposal({ body: 'Plus d’arbres' }))} `,
  other: JSON.stringify(proposal({ body: 'Moins de bruit' })),
  invalid: JSON.stringify(proposal({ kind: 'complaint' })),
  /** Passes every check, and is refused by the database. */
  poison: JSON.stringify(proposal({ body: 'poison' })),
};
type Body = keyof typeof BODIES;
const ACCEPTABLE: readonly Body[] = ['one', 'spaced', 'other'];

interface Filing { readonly campaign: 0 | 1; readonly key: number; readonly body: Body; readonly replica: 0 | 1; readonly afterMs: number }
/** `losses`: what befalls the batches of the wave, one after the other; those beyond are written well. */
interface Wave { readonly closed: boolean; readonly filings: readonly Filing[]; readonly losses: readonly ('none' | 'before-commit' | 'after-commit')[] }
interface Known { readonly sha256: string; readonly contributionId: string; receipt: string | undefined }

let replicas: [TestService, TestService];
let losses: Wave['losses'][number][] = [];
beforeAll(async () => {
  const first = await startService();
  replicas = [first, await startService({ DATABASE_URL: first.url })];
  await first.db.query(`ALTER TABLE contribution ADD CONSTRAINT poison CHECK (text ->> 'body' NOT LIKE 'poison%')`);
  for (const { app } of replicas) {
    const writer = app.get(IntakeWriter);
    const write = writer.write.bind(writer);
    jest.spyOn(writer, 'write').mockImplementation(async (filings) => {
      const loss = losses.shift();
      if (loss === 'before-commit') throw new IntakeUnavailable();
      const outcomes = await write(filings);
      if (loss === 'after-commit') throw new IntakeUnavailable();
      return outcomes;
    });
  }
});
afterAll(async () => {
  for (const replica of replicas.toReversed()) await replica.stop();
});

const sha256 = (body: Body): string => hash('sha256', BODIES[body]);
const problem = ({ status, body }: Reply): string => (status === 201 ? '201' : `${status} ${String(body.type).replace('/problems/', '')}`);

class Run {
  private readonly known = new Map<string, Known>();

  constructor(private readonly campaigns: readonly [string, string], private readonly salt: string) {}

  async wave({ closed, filings, losses: befalls }: Wave): Promise<void> {
    await stopClock(replicas[0].db, new Date(closesAt + (closed ? 60_000 : -60_000)));
    losses = [...befalls];
    const replies = await Promise.all(filings.map(async ({ campaign, key, body, replica, afterMs }) => {
      await pause(afterMs);
      return replicas[replica].file(this.campaigns[campaign], BODIES[body], `${this.salt}-key-${key}`);
    }));
    const lossy = befalls.some((loss) => loss !== 'none');
    losses = [];

    const rows = await this.rows();
    for (const [place, known] of this.known) expect(rows.get(place)).toEqual({ sha256: known.sha256, contributionId: known.contributionId });
    for (const [place, row] of rows) {
      if (this.known.has(place)) continue;
      expect({ place, filedWhileClosed: closed }).toEqual({ place, filedWhileClosed: false });
      this.known.set(place, { ...row, receipt: undefined });
    }
    const filedHere = (place: string) => filings.filter((filing) => placeOf(filing) === place && ACCEPTABLE.includes(filing.body));
    for (const place of new Set(filings.map(placeOf))) {
      const row = rows.get(place);
      // Whatever the losses: what an acceptable request asked for is there, unless a request was told that nobody knows.
      if (!closed && !lossy && filedHere(place).length > 0) expect(row).toBeDefined();
    }
    for (const [i, filing] of filings.entries()) this.judge(filing, replies[i]!, { closed, lossy });
  }

  private judge(filing: Filing, reply: Reply, { closed, lossy }: { closed: boolean; lossy: boolean }): void {
    const known = this.known.get(placeOf(filing));
    const said = problem(reply);
    if (filing.body === 'invalid') return void expect(reply.status).toBe(400);
    if (said === '503 intake.unavailable') return void expect(lossy).toBe(true);
    if (known?.sha256 === sha256(filing.body)) {
      expect(said).toBe('201');
      expect(reply.body).toMatchObject({ contributionId: known.contributionId, bodySha256: known.sha256 });
      known.receipt ??= reply.text;
      return void expect(reply.text).toBe(known.receipt);
    }
    // A body that cannot be stored may have been judged before the one that holds the key.
    const refusals = [...(known ? ['422 idempotency-key.reused'] : []), ...(filing.body === 'poison' && !closed ? ['422 contribution.not-storable'] : []), ...(closed && !known ? ['409 campaign.not-open'] : [])];
    expect(refusals).toContain(said);
  }

  /** What is stored of both campaigns by campaign and key, each with exactly one event that says the same. */
  private async rows(): Promise<Map<string, Omit<Known, 'receipt'>>> {
    const rows = new Map<string, Omit<Known, 'receipt'>>();
    for (const [campaign, campaignId] of this.campaigns.entries()) {
      const { contributions, events } = await stored(replicas[0].db, campaignId);
      const facts = contributions.map(({ contribution_id: contributionId, body_sha256, filing_number: filingNumber }) => ({ contributionId, bodySha256: body_sha256, filingNumber }));
      expect(events.map(({ data: { contributionId, bodySha256, filingNumber } }) => ({ contributionId, bodySha256, filingNumber })).sort(byId)).toEqual([...facts].sort(byId));
      for (const row of contributions) {
        const key = [0, 1, 2].find((one) => hash('sha256', `${campaignId}:${this.salt}-key-${one}`) === (row.key_hash as Buffer).toString('hex'));
        expect(row.received_at.getTime()).toBeLessThan(closesAt);
        rows.set(`${campaign} ${key}`, { sha256: row.body_sha256, contributionId: row.contribution_id });
      }
      expect([...rows.keys()].filter((place) => place.startsWith(`${campaign} `))).toHaveLength(contributions.length);
    }
    return rows;
  }
}

const byId = (a: { contributionId: string }, b: { contributionId: string }): number => (a.contributionId < b.contributionId ? -1 : 1);
const placeOf = ({ campaign, key }: Filing): string => `${campaign} ${key}`;

const bit = fc.constantFrom<0 | 1>(0, 1);
const filing: fc.Arbitrary<Filing> = fc.record({
  campaign: bit, key: fc.integer({ min: 0, max: 2 }), replica: bit, afterMs: fc.constantFrom(0, 0, 0, 1, 3),
  body: fc.constantFrom<Body>('one', 'one', 'one', 'spaced', 'other', 'other', 'invalid', 'poison'),
});
const wave: fc.Arbitrary<Wave> = fc.record({
  closed: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  filings: fc.array(filing, { minLength: 1, maxLength: 16, size: 'max' }),
  losses: fc.oneof(fc.constant([]), fc.array(fc.constantFrom('none' as const, 'before-commit' as const, 'after-commit' as const), { maxLength: 4 })),
});

let runs = 0;
it('stores each key once, for one body, before closing, and says so to everybody alike, whatever comes at once and whatever is lost', async () => {
  await fc.assert(fc.asyncProperty(fc.array(wave, { minLength: 2, maxLength: 6, size: 'max' }), async (waves) => {
    const heard = async (): Promise<string> => (await heardCampaign(replicas[0], { opensAt: new Date(closesAt - 86_400_000), closesAt: new Date(closesAt) })).campaignId;
    const run = new Run([await heard(), await heard()], `modele-${String(++runs).padStart(16, '0')}`);
    for (const one of waves) await run.wave(one);
  }), { numRuns: 30, endOnFailure: true });
});
