import type { Client, Scheduled } from '@cahier/demo';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from '../history.js';

/** As front ends do: sooner at first, and never all for ever at that pace. */
const RETRY_MS = [250, 500, 1_000, 2_000] as const;
const LAST_RETRY_MS = 4_000;
const ANSWER_WITHIN_MS = 5_000;
const CHAPTER_EVERY = 3;
/** One in so many asks for a receipt by mail. */
const MAIL_EVERY = 4;
/** What exports like to get wrong: formulas, quotes and separators, look-alikes of escapes, line ends, both forms of an accent, characters beyond 16 bits. */
const WORDS = ['=1+1', "'apostrophe", '"cité" ; et encore, "cité"', '_x0041_ <b>&amp;', 'une ligne\r\nune autre\n\tretrait', 'é e\u0301 😀 \u200b', '-5', '00012', '@SUM(A1)', '  espaces  '];

export interface LoadOptions {
  readonly client: Client;
  readonly campaign: Scheduled;
  /** Which intake the next request goes to. */
  readonly intake: () => string;
  /** Headings of the document to file about. */
  readonly headings: readonly string[];
  /** Of the addresses that ask for a receipt. */
  readonly domain: string;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** Files as the public does: at a constant rate whatever the answers, each again under its own key until the answer is definite. */
export class Load {
  /** Filings with a definite answer. */
  answered = 0;
  private sent = 0;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: LoadOptions) {}

  /** @returns when the last one was sent. */
  async drive(perSecond: number, seconds: number, goesOn: () => boolean = () => true): Promise<void> {
    const start = performance.now();
    for (let n = 0; n < perSecond * seconds && goesOn(); n++) {
      const early = start + (n * 1_000) / perSecond - performance.now();
      if (early >= 1) await sleep(early);
      this.file();
    }
  }

  /** Waits until each has its definite answer, or time is up: then nobody knows about the rest. */
  async settle(timeoutMs: number): Promise<void> {
    await Promise.race([Promise.all(this.underWay), sleep(timeoutMs, undefined, { ref: false })]);
    this.givenUp = true;
    await Promise.all(this.underWay);
  }

  get waiting(): number {
    return this.underWay.size;
  }

  private givenUp = false;

  private file(): void {
    const filing = this.fileOne(++this.sent).finally(() => this.underWay.delete(filing));
    this.underWay.add(filing);
  }

  private async fileOne(n: number): Promise<void> {
    const { campaign, headings, domain } = this.options;
    const key = randomUUID();
    const receiptByMail = n % MAIL_EVERY === 0;
    const word = WORDS[n % WORDS.length] ?? '';
    const title = `${word.replace(/\s+/g, ' ')} · dépôt ${n}`;
    const said = `${word} ${key} : l’accès de tous. ${word}`;
    const body = Buffer.from(JSON.stringify({
      kind: 'proposal', targets: [{ type: 'section', id: campaign.nodeId(headings[n % Math.min(CHAPTER_EVERY, headings.length)] ?? '') }],
      title, body: said,
      language: 'fr', publication: { preference: 'anonymous' }, ...(receiptByMail && { contact: { email: `p${n}@${domain}`, consent: true } }),
    }));
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    for (let tries = 0; !this.givenUp; tries++) {
      const attempt = await this.attempt({ campaignId: campaign.campaignId, key, bodySha256, title, body: said, receiptByMail }, body);
      this.options.onAttempt(attempt);
      if (attempt.outcome !== 'info') return void this.answered++;
      await sleep(RETRY_MS[tries] ?? LAST_RETRY_MS);
    }
  }

  private async attempt(what: Omit<Attempt, 'sentAt' | 'endedAt' | 'outcome' | 'status' | 'receipt'>, body: Buffer): Promise<Attempt> {
    const { client, intake, campaign } = this.options;
    const sentAt = new Date(Date.now()).toISOString();
    const seen = (outcome: Attempt['outcome'], more: Partial<Attempt> = {}): Attempt => ({ ...what, sentAt, endedAt: new Date(Date.now()).toISOString(), outcome, ...more });
    try {
      const { status, body: reply } = await client.send(`${intake()}/campaigns/${campaign.campaignId}/contributions`, {
        method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': what.key }, timeoutMs: ANSWER_WITHIN_MS,
      });
      if (status === 201) {
        const { contributionId, filingNumber, receivedAt, bodySha256 } = JSON.parse(reply.toString()) as NonNullable<Attempt['receipt']>;
        return seen('ok', { status, receipt: { contributionId, filingNumber, receivedAt, bodySha256 } });
      }
      return seen(status >= 400 && status < 500 && status !== 429 ? 'fail' : 'info', { status });
    } catch {
      return seen('info'); // no answer: it may have been taken, or not
    }
  }
}
