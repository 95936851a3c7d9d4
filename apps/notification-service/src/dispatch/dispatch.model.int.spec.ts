import { campaignOpened, contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { stopClock } from '@cahier/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { contribution, freshAddress, heard, startService, subscribed, type TestService } from '../harness.spec.js';
import { CompleteMailings } from '../mailings/complete-mailings.use-case.js';
import type { SmtpOutcome } from './dispatch.policy.js';
import { RecoverDispatches } from './recover-dispatches.js';
import { SendMails } from './send-mails.use-case.js';
import { Smtp } from './smtp.js';

/**
 * Sending, on a real database and with a scripted mail server, against a model of N1–N5: a receipt and an announcement, jobs that come
 * twice, processes that die at every step or fall silent until another takes over, people who leave, and the sweep.
 */

const LEASE_MS = 120_000;
/** What befalls a job: a reply of the server, a broken connection with or without the mail taken, or the end of the process. */
type Edge = 'accepted' | '451' | '550' | 'unreachable' | 'unknown-taken' | 'unknown-lost' | 'dies-sending' | 'dies-after-250' | 'silent-then-250';
type Which = 'receipt' | 'announcement';
type Command =
  | { do: 'send'; which: Which; edge: Edge }
  /** One job for both rows: the announcement was planned first. */
  | { do: 'send-both'; edges: Record<Which, Edge> }
  | { do: 'leave'; how: 'unsubscribed' | 'suppressed'; which: Which }
  | { do: 'recover' | 'sweep' };
type Step = { do: 'go'; command: Command } | { do: 'at-once'; commands: readonly [Command, Command] } | { do: 'clock'; by: number };

const TERMINAL = ['sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed'];

interface Row { state: string; attempts: number; next: number; claimedAt: number | null; gone: { unsubscribed: boolean; suppressed: boolean }; taken: number; told: number; doubts: number }

class Model {
  completed = false;

  constructor(public now: number, readonly rows: Record<Which, Row>) {}

  apply(command: Command): void {
    switch (command.do) {
      case 'send': this.send(command.which, command.edge); return;
      case 'send-both': {
        // A job reads its rows when it begins: what comes due meanwhile is for the next.
        const receiptIsDue = this.rows.receipt.state === 'pending' && this.rows.receipt.next <= this.now;
        if (this.send('announcement', command.edges.announcement) === 'lives' && receiptIsDue) this.send('receipt', command.edges.receipt);
        return;
      }
      case 'leave': this.rows[command.which].gone[command.how] = true; return;
      case 'recover': return this.recover();
      case 'sweep': this.completed ||= TERMINAL.includes(this.rows.announcement.state);
    }
  }

  private send(which: Which, edge: Edge): 'lives' | 'dies' {
    const row = this.rows[which];
    if (row.state !== 'pending' || row.next > this.now) return 'lives';
    Object.assign(row, { state: 'sending', claimedAt: this.now, attempts: row.attempts + 1 });
    if (row.gone.suppressed) row.state = 'suppressed';
    // A receipt has no subscription to leave.
    else if (row.gone.unsubscribed && which === 'announcement') row.state = 'unsubscribed';
    if (row.state !== 'sending') return 'lives';
    row.told++;
    if (['accepted', 'unknown-taken', 'dies-after-250', 'silent-then-250'].includes(edge)) row.taken++;
    if (!['accepted', '451', '550', 'unreachable'].includes(edge)) row.doubts++;
    const again = (pause: number) => Object.assign(row, { state: 'pending', claimedAt: null, next: this.now + pause });
    const pause = 2_000 * 2 ** (row.attempts - 1);
    switch (edge) {
      case 'accepted': row.state = 'sent'; break;
      case '550': row.state = 'bounced'; break;
      case '451':
        if (row.attempts >= 12) row.state = 'expired';
        else again(Math.min(pause, 1_800_000));
        break;
      case 'unreachable':
        again(Math.min(pause, 30_000));
        row.attempts--;
        break;
      case 'unknown-taken':
      case 'unknown-lost':
        if (which === 'announcement') row.state = 'indeterminate';
        else again(2_000);
        break;
      case 'silent-then-250':
        this.now += LEASE_MS + 1_000;
        this.recover();
    }
    return edge.startsWith('dies') ? 'dies' : 'lives';
  }

  private recover(): void {
    for (const [which, row] of Object.entries(this.rows)) {
      if (row.state !== 'sending' || row.claimedAt! >= this.now - LEASE_MS) continue;
      Object.assign(row, { state: which === 'announcement' ? 'indeterminate' : 'pending', claimedAt: null });
    }
  }

  get sight() {
    const seen = ({ state, attempts, taken, told }: Row) => ({ state, attempts, taken, told });
    return { receipt: seen(this.rows.receipt), announcement: seen(this.rows.announcement), completed: this.completed };
  }
}

let service: TestService;
let now = Date.parse('2030-01-01T00:00:00Z');
/** By Message-ID: what the mail server took, and how often it was told. */
const server = new Map<string, { taken: number; told: number; recipients: Set<string> }>();
let edges = new Map<string, Edge>();
const setClock = async (instant: number): Promise<void> => {
  now = instant;
  await stopClock(service.db, new Date(instant));
};

beforeAll(async () => {
  service = await startService({ DISPATCH_POLL_MS: '3600000', DISPATCH_LEASE_SECONDS: String(LEASE_MS / 1_000) });
  jest.spyOn(service.app.get(Smtp), 'send').mockImplementation(async ({ messageId, to }): Promise<SmtpOutcome> => {
    const edge = edges.get(messageId)!;
    const entry = server.get(messageId) ?? { taken: 0, told: 0, recipients: new Set() };
    server.set(messageId, entry);
    entry.told++;
    entry.recipients.add(to);
    if (['accepted', 'unknown-taken', 'dies-after-250', 'silent-then-250'].includes(edge)) entry.taken++;
    switch (edge) {
      case '451': case '550': return { kind: 'refused', code: Number(edge) };
      case 'unreachable': return { kind: 'unreachable' };
      case 'unknown-taken': case 'unknown-lost': return { kind: 'unknown' };
      case 'dies-sending': case 'dies-after-250': throw new Error('The process ends here');
      case 'silent-then-250':
        await setClock(now + LEASE_MS + 1_000);
        await service.app.get(RecoverDispatches).execute();
    }
    return { kind: 'accepted' };
  });
});
afterAll(async () => { await service.stop(); });

const messageIdOf = (dispatchId: string): string => `<${dispatchId}@consultation.example.org>`;

interface Known { readonly dispatchId: string; readonly address: string; readonly subscriptionId?: string }

async function prepared(): Promise<Record<Which, Known>> {
  const facts = await heard(service, { state: 'scheduled' });
  const { address, subscriptionId } = await subscribed(service, facts.campaignId);
  await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
  const filed = await contribution(facts.campaignId, freshAddress());
  await deliver(service.app, contributionSubmitted, filed, 1);
  const rows = await service.db.query<{ dispatch_id: string; kind: string; address: string }[]>(`SELECT dispatch_id, kind, address FROM dispatch WHERE subject_id = $1 OR (recipient = $2 AND kind = 'opening') ORDER BY kind`, [filed.contributionId, address]);
  expect(rows.map(({ kind }) => kind)).toEqual(['opening', 'receipt']);
  const [opening, receipt] = rows.map((row) => ({ dispatchId: row.dispatch_id, address: row.address }));
  return { announcement: { ...opening!, subscriptionId }, receipt: receipt! };
}

class Run {
  constructor(private readonly known: Record<Which, Known>, private model: Model) {}

  async step(step: Step): Promise<void> {
    if (step.do === 'clock') {
      this.model.now += step.by;
      return setClock(this.model.now);
    }
    const commands = step.do === 'go' ? [step.command] : step.commands;
    edges = new Map(commands.flatMap((command) => edgesOf(command).map(([which, edge]) => [messageIdOf(this.known[which].dispatchId), edge] as const)));
    await Promise.all(commands.map((command) => this.perform(command)));
    const sight = await this.seen();
    const orders = step.do === 'go' ? [[0]] : [[0, 1], [1, 0]];
    const models = orders.map((order) => {
      const model = new Model(this.model.now, structuredClone(this.model.rows));
      model.completed = this.model.completed;
      for (const i of order) model.apply(commands[i]!);
      return model;
    });
    // One after the other, in either order.
    expect(models.map((model) => model.sight)).toContainEqual(sight);
    this.model = models.find((model) => JSON.stringify(model.sight) === JSON.stringify(sight))!;
    this.promises();
  }

  /** N1 and N5 in their own words, so that the model itself cannot be wrong about them. */
  private promises(): void {
    const { receipt, announcement } = this.model.rows;
    expect(announcement.taken).toBeLessThanOrEqual(1);
    expect(receipt.taken).toBeLessThanOrEqual(1 + receipt.doubts);
    for (const { dispatchId, address } of Object.values(this.known)) expect([...(server.get(messageIdOf(dispatchId))?.recipients ?? [address])]).toEqual([address]);
  }

  private async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'send':
      case 'send-both':
        return service.app.get(SendMails).execute(edgesOf(command).map(([which]) => this.known[which].dispatchId)).catch((error: unknown) => {
          if (!(error instanceof Error && error.message === 'The process ends here')) throw error;
        });
      case 'leave':
        if (command.how === 'suppressed') await service.db.query(`INSERT INTO suppression (recipient, reason, at) VALUES ($1, 'complaint', now()) ON CONFLICT DO NOTHING`, [this.known[command.which].address]);
        else await service.db.query(`UPDATE subscription SET state = 'unsubscribed' WHERE subscription_id = $1`, [this.known[command.which].subscriptionId ?? null]);
        return;
      case 'recover':
        await service.app.get(RecoverDispatches).execute();
        return;
      case 'sweep':
        await service.app.get(CompleteMailings).execute();
    }
  }

  private async seen(): Promise<Model['sight']> {
    const row = async ({ dispatchId }: Known) => {
      const [stored] = await service.db.query<{ state: string; attempts: number; completed: boolean }[]>('SELECT state, attempts, completed_at IS NOT NULL AS completed FROM dispatch JOIN mailing USING (mailing_id) WHERE dispatch_id = $1', [dispatchId]);
      const { taken, told } = server.get(messageIdOf(dispatchId)) ?? { taken: 0, told: 0 };
      return { ...stored!, taken, told };
    };
    const [{ completed: _, ...receipt }, { completed, ...announcement }] = await Promise.all([row(this.known.receipt), row(this.known.announcement)]);
    return { receipt, announcement, completed };
  }
}

function edgesOf(command: Command): (readonly [Which, Edge])[] {
  if (command.do === 'send') return [[command.which, command.edge]];
  return command.do === 'send-both' ? [['receipt', command.edges.receipt], ['announcement', command.edges.announcement]] : [];
}

const which = fc.constantFrom<Which>('receipt', 'announcement');
const edge = fc.constantFrom<Edge>('accepted', '451', '451', '550', 'unreachable', 'unreachable', 'unknown-taken', 'unknown-lost', 'dies-sending', 'dies-after-250', 'silent-then-250');
const send = fc.record({ do: fc.constant('send' as const), which, edge });
const sendBoth = fc.record({ do: fc.constant('send-both' as const), edges: fc.record({ receipt: edge, announcement: edge }) });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: send },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), how: fc.constantFrom('unsubscribed' as const, 'suppressed' as const), which }) },
  { weight: 3, arbitrary: fc.constantFrom({ do: 'recover' as const }, { do: 'recover' as const }, { do: 'sweep' as const }) },
);
/** A process that falls silent holds up the clock: that happens in steps of its own. */
const prompt = (one: Command): boolean => one.do !== 'send' || one.edge !== 'silent-then-250';
const pair = fc.oneof(send.map((one) => [one, one] as const), fc.tuple(command, command)).filter(([one, other]) =>
  prompt(one) && prompt(other) && (one.do !== 'send' || other.do !== 'send' || one.which !== other.which || one.edge === other.edge));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('go' as const), command: fc.oneof({ weight: 3, arbitrary: command }, { weight: 1, arbitrary: sendBoth }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('at-once' as const), commands: pair }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.constantFrom(1_000, 2_000, 30_000, LEASE_MS, LEASE_MS + 1_000, 3_600_000) }) },
);

it('sends what some order of all that happened allows: an announcement never twice, a receipt again only in doubt, nothing after a refusal', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30, size: 'max' }), fc.constantFrom(0, 10), async (steps, attempts) => {
    await setClock(now + 86_400_000);
    const known = await prepared();
    await service.db.query('UPDATE dispatch SET attempts = $2 WHERE dispatch_id = ANY ($1::uuid[])', [[known.receipt.dispatchId, known.announcement.dispatchId], attempts]);
    const fresh = (): Row => ({ state: 'pending', attempts, next: 0, claimedAt: null, gone: { unsubscribed: false, suppressed: false }, taken: 0, told: 0, doubts: 0 });
    const run = new Run(known, new Model(now, { receipt: fresh(), announcement: fresh() }));
    for (const one of steps) await run.step(one);
  }), { numRuns: 40, endOnFailure: true });
});
