import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDispatches } from '@cahier/demo';
import type { ServiceName } from '@cahier/local-stack';
import { spanSink, type ReceivedSpan, type SpanSink } from '@cahier/testing';
import { failures, System } from './system.js';

const TWO_MINUTES = 120_000;

describe('a service killed at its worst moment and started again leaves every check true:', () => {
  let folder: string;
  let system: System;
  let sink: SpanSink;

  beforeAll(async () => {
    // Servers of our own, not those of the other tests: some are stopped and killed here.
    for (const name of ['TEST_POSTGRES_URL', 'TEST_KAFKA_BROKERS', 'TEST_REDIS_URL']) delete process.env[name];
    folder = mkdtempSync(join(tmpdir(), 'cahier-system-'));
    sink = await spanSink();
    system = await System.open(folder, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
  }, TWO_MINUTES);
  afterEach(() => system.heal(), TWO_MINUTES);
  afterAll(async () => {
    await system.close();
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }, TWO_MINUTES);

  it('campaign-service in the transaction that closes the campaign, and away across the closing', async () => {
    // The first hit is the opening, the second the closing.
    const moments = await system.arm('campaign-service', 'schedule-before-commit=kill@2');
    const { checks, played } = await system.tell('fermeture', {
      async disturb() {
        expect(await moments.next()).toBe('schedule-before-commit');
        await sleep(1_000); // late filings meet an intake that nobody has told
        await system.revive('campaign-service');
      },
    });
    expect(failures(checks)).toBe('');
    expect(played.closingLatenessMs).toBeGreaterThan(1_000);
  }, TWO_MINUTES);

  it('contribution-service with requests in flight, before and after their commit', async () => {
    const moments = await system.arm('contribution-service', 'before-commit=kill@4');
    const { checks, played } = await system.tell('depot', {
      // On a busy machine two starts may take longer: the closing is then moved, early enough for a consumer that was killed
      // to be told, which is once its session has expired.
      quietMs: 30_000, noticeMs: 20_000,
      async disturb() {
        expect(await moments.next()).toBe('before-commit');
        const again = await system.arm('contribution-service', 'after-commit-before-reply=kill@2');
        expect(await again.next()).toBe('after-commit-before-reply');
        await system.revive('contribution-service');
      },
    });
    expect(failures(checks)).toBe('');
    expect(played.retries).toBeGreaterThan(0);
  }, TWO_MINUTES);

  it('notification-service after the mail server took a receipt and before that was written down', async () => {
    const moments = await system.arm('notification-service', 'after-smtp-250=kill@20');
    const { checks, evidence } = await system.tell('courrier', {
      async disturb() {
        expect(await moments.next()).toBe('after-smtp-250');
        await system.revive('notification-service');
      },
    });
    expect(failures(checks)).toBe('');
    // The one that was in doubt, and no more than were under way at once, came again under their Message-IDs.
    const again = evidence.mails.length - new Set(evidence.mails.map(({ messageId }) => messageId)).size;
    expect(again).toBeGreaterThanOrEqual(1);
    expect(again).toBeLessThanOrEqual(5);
  }, TWO_MINUTES);

  it('reporting-service in the middle of a file', async () => {
    const moments = await system.arm('reporting-service', 'report-mid-file=kill@1');
    const { checks } = await system.tell('rapport', {
      async disturb() {
        expect(await moments.next()).toBe('report-mid-file');
        await system.revive('reporting-service');
      },
    });
    expect(failures(checks)).toBe('');
  }, TWO_MINUTES);

  it('Kafka, away while the public files and then killed: intake goes on, and all is heard of later', async () => {
    const { stack, services } = system.stage;
    const away = { from: '', to: '' };
    const { checks, played, evidence } = await system.tell('sans-kafka', {
      // Long enough for the mails of the opening to leave before the last filings come, however busy the machine is.
      seconds: 12, quietMs: 7_000,
      async disturb(campaignId) {
        // Once the opening was told: a subscriber will answer that mail.
        await until(async () => (await readDispatches(services['notification-service'].env, campaignId)).filter(({ kind, state }) => kind === 'opening' && state === 'sent').length === 3);
        process.kill(stack.pids.kafka!, 'SIGSTOP');
        away.from = new Date(Date.now()).toISOString();
        await sleep(2_000);
        away.to = new Date(Date.now()).toISOString();
        await stack.restart('kafka');
      },
    });
    expect(failures(checks)).toBe('');
    expect(played.retries).toBe(0);
    expect(evidence.stored.filter(({ receivedAt }) => receivedAt! > away.from && receivedAt! < away.to).length).toBeGreaterThan(0);
  }, TWO_MINUTES);

  it('and of all these stories one trace leads from a filing to its receipt, another from the seal to the report’s mails', async () => {
    const receipt = [
      'notification-service: send mail', 'notification-service: order receipt',
      'contribution-service: publish contribution.events', 'contribution-service: POST /campaigns/:campaignId/contributions',
    ];
    const report = [
      'notification-service: send mail', 'notification-service: handle report.published.v1', 'reporting-service: publish report.events', 'reporting-service: make report',
      'reporting-service: handle intake.sealed.v1', 'contribution-service: publish intake.events', 'contribution-service: seal intake',
    ];
    const paths = () => sink.spans.filter(({ name }) => name === 'send mail').map((span) => upwards(span, sink.spans));
    await until(async () => [receipt, report].every((path) => paths().some((found) => told(found).join() === path.join())));

    const filings = new Set(sink.spans.filter(({ name }) => name === 'POST /campaigns/:campaignId/contributions').map(({ spanId }) => spanId));
    // A batch serves many traces: it is linked to them.
    expect(sink.spans.some(({ name, links }) => name === 'write intake batch' && links.length > 0 && links.every(({ spanId }) => filings.has(spanId)))).toBe(true);
    expect(sink.payloads.filter((payload) => payload.includes('@'))).toEqual([]);
  }, TWO_MINUTES);

  it('and each decision that ended a campaign is a line of a log, with its trace', () => {
    const decided = (service: ServiceName, msg: string) => system.logged(service).filter((line) => line['msg'] === msg && /^[0-9a-f]{32}$/.test(String(line['traceId'])));
    expect(decided('campaign-service', 'The schedule was followed').map(({ action }) => action)).toEqual(expect.arrayContaining(['open', 'close']));
    expect(decided('contribution-service', 'Intake is sealed').length).toBeGreaterThan(0);
    expect(decided('reporting-service', 'A report is published').length).toBeGreaterThan(0);
  });
});

/** A span and what it stands under, up to the beginning of its trace. */
function upwards(span: ReceivedSpan, spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const parent = spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId);
  return parent ? [span, ...upwards(parent, spans)] : [span];
}

const told = (spans: readonly ReceivedSpan[]): string[] => spans.map(({ service, name }) => `${service}: ${name}`);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}
