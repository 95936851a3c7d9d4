/** One try of one request by a client, as the client saw it; a line of `history.jsonl`. Several tries share a key. */
export interface Attempt {
  readonly campaignId: string;
  /** The Idempotency-Key. */
  readonly key: string;
  /** SHA-256 of the bytes sent, in hexadecimal. */
  readonly bodySha256: string;
  /** What the exports must give back, code point for code point. */
  readonly title: string;
  readonly body: string;
  /** Whether a receipt by mail was asked for. */
  readonly receiptByMail: boolean;
  /** By the client's clock, as are all instants here. */
  readonly sentAt: string;
  readonly endedAt: string;
  /** `ok`: 201. `fail`: a definite refusal (4xx but 429). `info`: anything else: time-out, reset, 429, 5xx: it may have been taken, or not. */
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly status?: number;
  /** Of a 201. */
  readonly receipt?: { readonly contributionId: string; readonly filingNumber: string; readonly receivedAt: string; readonly bodySha256: string };
}
