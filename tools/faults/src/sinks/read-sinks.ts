import { allEvents, contributionSubmitted, envelopeSchema, IntakeDigest } from '@cahier/contracts';
import { readCsv, readDeadLetters, readJsonl, readProjection, readStored, readXlsx, rowsOf, type Stage } from '@cahier/demo';
import { serviceNames } from '@cahier/local-stack';
import { readTopic } from '@cahier/messaging';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { dispatchOf, type MailLine } from './mail-log.js';
import type { DispatchRow, Event, Row, Sinks } from './sinks.js';

const row = ({ id, sha256 }: { id: string; sha256: string }): Row => ({ contributionId: id, bodySha256: sha256 });
const written = (one: { id: string; sha256: string; title?: string | undefined; body?: string | undefined }): Row => ({ ...row(one), title: one.title, body: one.body });

/** As a mail's recipient is written down. */
export const addressSha256 = (address: string): string => createHash('sha256').update(address.toLowerCase()).digest('hex');

export interface Places {
  readonly stage: Pick<Stage, 'stack' | 'services'>;
  readonly campaignId: string;
  /** Of the SMTP server, all campaigns together. */
  readonly mails: readonly MailLine[];
  /** Where the files of the closing report were put; undefined: there is none. */
  readonly files: string | undefined;
}

/** Reads every place where a campaign has left something. */
export async function readSinks({ stage, campaignId, mails, files }: Places): Promise<Sinks> {
  const { services, stack } = stage;
  const url = (name: (typeof serviceNames)[number]): string => services[name].env.DATABASE_URL ?? '';
  const events = await readEvents(stack.kafka.brokers, services['contribution-service'].env.TOPIC_PREFIX ?? '', campaignId);
  const stored = (await readStored(services['contribution-service'].env, campaignId)).map((one) => ({ ...row(one), openedSha256: one.openedSha256, receivedAt: one.receivedAt ?? '', status: one.status }));
  const [window] = await rowsOf<{ closes_at: Date }>(url('contribution-service'), 'SELECT closes_at FROM campaign_window WHERE campaign_id = $1', [campaignId]);
  const dispatches = (await rowsOf<DispatchRow & { address: string }>(
    url('notification-service'),
    `SELECT dispatch_id AS "dispatchId", d.kind, d.subject_id AS "subjectId", address, lane, state, attempts FROM dispatch AS d JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1`,
    [campaignId],
  )).map(({ address, ...dispatch }) => ({ ...dispatch, recipientSha256: addressSha256(address) }));
  const ours = new Set(dispatches.map(({ dispatchId }) => dispatchId));
  const ids = events.filter(({ row: about }) => about).map(({ eventId }) => eventId);
  const inbox = await rowsOf<{ event_id: string }>(url('reporting-service'), 'SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])', [ids]);
  const transitions = await rowsOf<{ action: string; n: number }>(url('campaign-service'), 'SELECT action, count(*)::int AS n FROM transition WHERE campaign_id = $1 GROUP BY action', [campaignId]);
  const [seal] = await rowsOf<{ accepted: number; digest: string }>(url('contribution-service'), 'SELECT accepted, digest FROM intake_seal WHERE campaign_id = $1 AND digest IS NOT NULL', [campaignId]);
  const digest = new IntakeDigest();
  for (const one of stored.toSorted((a, b) => (a.contributionId < b.contributionId ? -1 : 1))) digest.add(one.contributionId, one.bodySha256, one.status === 'withdrawn');
  const unpublished = await Promise.all(serviceNames.map(async (name) => [name, (await rowsOf(url(name), 'SELECT FROM outbox WHERE published_at IS NULL')).length] as const));
  return {
    closesAt: window?.closes_at.toISOString() ?? '',
    stored, events, dispatches,
    inbox: new Set(inbox.map(({ event_id }) => event_id)),
    projected: (await readProjection(services['reporting-service'].env, campaignId)).map(({ title, body, ...one }) => written({ ...one, title: title ?? undefined, body: body ?? undefined })),
    csv: files === undefined ? undefined : (await readCsv(join(files, 'contributions.csv'))).map(written),
    xlsx: files === undefined ? undefined : (await readXlsx(join(files, 'contributions.xlsx'))).map(written),
    jsonl: files === undefined ? undefined : (await readJsonl(join(files, 'contributions.jsonl'))).map(written),
    sealed: seal && { accepted: seal.accepted, holds: seal.digest === digest.hex() },
    mails: mails.filter(({ messageId }) => ours.has(dispatchOf(messageId))),
    transitions: new Map(transitions.map(({ action, n }) => [action, n])),
    unpublished: new Map(unpublished),
    deadLetters: await readDeadLetters(services),
  };
}

async function readEvents(brokers: readonly string[], prefix: string, campaignId: string): Promise<Event[]> {
  const events: Event[] = [];
  for (const topic of new Set(allEvents.map((contract) => contract.topic.name))) {
    for (const { key, value } of await readTopic(brokers, prefix + topic)) {
      const envelope = envelopeSchema.safeParse(json(value));
      if (!envelope.success) continue; // poison: a dead letter says so
      const { id, type, aggregateversion, data } = envelope.data;
      if ((data as { campaignId?: string }).campaignId !== campaignId) continue;
      const facts = type === contributionSubmitted.type ? contributionSubmitted.data.parse(data) : undefined;
      events.push({ topic, key: key ?? '', eventId: id, type, version: aggregateversion, ...(facts && { row: { contributionId: facts.contributionId, bodySha256: facts.bodySha256, title: facts.text.title, body: facts.text.body } }) });
    }
  }
  return events;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
