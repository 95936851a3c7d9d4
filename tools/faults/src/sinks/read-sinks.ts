import { allEvents, contributionSubmitted, envelopeSchema, IntakeDigest } from '@cahier/contracts';
import { closingReport, downloadReport, readCsv, readDeadLetters, readJsonl, readProjection, readStored, rowsOf, type Stage } from '@cahier/demo';
import { serviceNames } from '@cahier/local-stack';
import { readTopic } from '@cahier/messaging';
import { join } from 'node:path';
import { dispatchOf, type MailLine } from './mail-log.js';
import type { DispatchRow, Event, Row, Sinks } from './sinks.js';

const row = ({ id, sha256 }: { id: string; sha256: string }): Row => ({ contributionId: id, bodySha256: sha256 });

export interface Places {
  readonly stage: Pick<Stage, 'stack' | 'services' | 'analyst'>;
  readonly campaignId: string;
  /** Of the SMTP server, all campaigns together. */
  readonly mails: readonly MailLine[];
  /** Gets the report's files. */
  readonly folder: string;
  /** How long the report may take. */
  readonly patienceMs: number;
}

/** Reads every place where a campaign has left something. The report is downloaded as an analyst would. */
export async function readSinks({ stage, campaignId, mails, folder, patienceMs }: Places): Promise<Sinks> {
  const { services, stack, analyst } = stage;
  const url = (name: (typeof serviceNames)[number]): string => services[name].env.DATABASE_URL ?? '';
  const reportingUrl = services['reporting-service'].url;
  const files = await closingReport(analyst, reportingUrl, campaignId, patienceMs).then(
    async (report) => (await downloadReport(analyst, reportingUrl, report, folder), true),
    () => false, // counted as not terminal
  );

  const events = await readEvents(stack.kafka.brokers, services['contribution-service'].env.TOPIC_PREFIX ?? '', campaignId);
  const stored = (await readStored(services['contribution-service'].env, campaignId)).map((one) => ({ ...row(one), openedSha256: one.openedSha256, receivedAt: one.receivedAt ?? '', status: one.status }));
  const [window] = await rowsOf<{ closes_at: Date }>(url('contribution-service'), 'SELECT closes_at FROM campaign_window WHERE campaign_id = $1', [campaignId]);
  const dispatches = await rowsOf<DispatchRow>(
    url('notification-service'),
    `SELECT dispatch_id AS "dispatchId", d.kind, d.subject_id AS "subjectId", lane, state, attempts FROM dispatch AS d JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1`,
    [campaignId],
  );
  const ours = new Set(dispatches.map(({ dispatchId }) => dispatchId));
  const ids = events.filter(({ row: about }) => about).map(({ eventId }) => eventId);
  const inbox = await rowsOf<{ event_id: string }>(url('reporting-service'), 'SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])', [ids]);
  const transitions = await rowsOf<{ to_state: string; n: number }>(url('campaign-service'), 'SELECT to_state, count(*)::int AS n FROM transition WHERE campaign_id = $1 GROUP BY to_state', [campaignId]);
  const [seal] = await rowsOf<{ accepted: number; digest: string }>(url('contribution-service'), 'SELECT accepted, digest FROM intake_seal WHERE campaign_id = $1 AND digest IS NOT NULL', [campaignId]);
  const digest = new IntakeDigest();
  for (const one of stored.toSorted((a, b) => (a.contributionId < b.contributionId ? -1 : 1))) digest.add(one.contributionId, one.bodySha256, one.status === 'withdrawn');
  const unpublished = await Promise.all(serviceNames.map(async (name) => [name, (await rowsOf(url(name), 'SELECT FROM outbox WHERE published_at IS NULL')).length] as const));
  return {
    closesAt: window?.closes_at.toISOString() ?? '',
    stored, events, dispatches,
    inbox: new Set(inbox.map(({ event_id }) => event_id)),
    projected: (await readProjection(services['reporting-service'].env, campaignId)).map(row),
    csv: files ? (await readCsv(join(folder, 'contributions.csv'))).map(row) : undefined,
    jsonl: files ? (await readJsonl(join(folder, 'contributions.jsonl'))).map(row) : undefined,
    sealed: seal && { accepted: seal.accepted, holds: seal.digest === digest.hex() },
    mails: mails.filter(({ messageId }) => ours.has(dispatchOf(messageId))),
    transitions: new Map(transitions.map(({ to_state, n }) => [to_state, n])),
    unpublished: new Map(unpublished),
    deadLetters: await readDeadLetters(services),
  };
}

async function readEvents(brokers: readonly string[], prefix: string, campaignId: string): Promise<Event[]> {
  const events: Event[] = [];
  for (const topic of new Set(allEvents.map((contract) => contract.topic.name))) {
    for (const { key, value } of await readTopic(brokers, prefix + topic)) {
      const { id, type, aggregateversion, data } = envelopeSchema.parse(JSON.parse(value));
      if ((data as { campaignId?: string }).campaignId !== campaignId) continue;
      const facts = type === contributionSubmitted.type ? contributionSubmitted.data.parse(data) : undefined;
      events.push({ topic, key: key ?? '', eventId: id, type, version: aggregateversion, ...(facts && { row: { contributionId: facts.contributionId, bodySha256: facts.bodySha256 } }) });
    }
  }
  return events;
}
