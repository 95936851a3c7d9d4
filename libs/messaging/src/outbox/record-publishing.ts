import { currentTraceparent, inSpan, spanRecorder } from '@cahier/platform';

interface Row {
  readonly topic: string;
  readonly traceparent: string | null;
}

/** Sends rows; where spans are recorded, as one for the batch and one in the trace of each row, under which its consumers' work will stand. */
export async function recordPublishing<R extends Row, T>(rows: readonly R[], send: (rows: readonly R[]) => Promise<T>): Promise<T> {
  const recorder = spanRecorder();
  if (!recorder) return send(rows);
  return inSpan('relay outbox', null, async () => {
    const links = [currentTraceparent()];
    const spans = rows.map(({ topic, traceparent }) => recorder.start(`publish ${topic}`, traceparent, { kind: 'producer', attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': topic }, links }));
    const sent = await send(rows.map((row, i) => ({ ...row, traceparent: recorder.traceparentOf(spans[i]!) })));
    // Those of a batch that failed are not sent: its rows are published again.
    for (const span of spans) span.end();
    return sent;
  }, () => ({ attributes: { 'messaging.system': 'kafka', 'messaging.batch.message_count': rows.length } }));
}
