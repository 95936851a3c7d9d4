import { contributionSubmitted, envelopeSchema, intakeSealed, type DataOf, type Envelope } from '@cahier/contracts';
import { readTopic } from '@cahier/messaging';
import type { Shown } from './contribution.js';

export interface SubmittedEvent extends Shown {
  readonly eventId: string;
}

/** Every `contribution.submitted` of a campaign in Kafka, one for each id: delivery is at least once. */
export async function readSubmitted(brokers: readonly string[], prefix: string, campaignId: string): Promise<SubmittedEvent[]> {
  const events = new Map<string, SubmittedEvent>();
  for (const { id, type, data } of await envelopes(brokers, prefix + contributionSubmitted.topic.name)) {
    if (type !== contributionSubmitted.type) continue;
    const facts = contributionSubmitted.data.parse(data);
    if (facts.campaignId !== campaignId) continue;
    const { contributionId, bodySha256, receivedAt, status, classification, text } = facts;
    events.set(id, { eventId: id, id: contributionId, sha256: bodySha256, receivedAt, status, kind: classification.kind, stance: classification.stance, title: text.title, body: text.body });
  }
  return [...events.values()];
}

export async function readSeal(brokers: readonly string[], prefix: string, campaignId: string): Promise<DataOf<typeof intakeSealed> | undefined> {
  const seals = (await envelopes(brokers, prefix + intakeSealed.topic.name)).filter(({ type }) => type === intakeSealed.type).map(({ data }) => intakeSealed.data.parse(data));
  return seals.find((seal) => seal.campaignId === campaignId);
}

async function envelopes(brokers: readonly string[], topic: string): Promise<Envelope[]> {
  return (await readTopic(brokers, topic)).map(({ value }) => envelopeSchema.parse(JSON.parse(value)));
}
