/** One contribution as one place of the system shows it; absent: that place does not say. */
export interface Shown {
  readonly id: string;
  readonly sha256: string;
  readonly kind?: string | undefined;
  readonly stance?: string | undefined;
  readonly body?: string | undefined;
  readonly title?: string | undefined;
  /** Heading of the article or chapter under which it is counted. */
  readonly section?: string | undefined;
  readonly receivedAt?: string | undefined;
  readonly status?: string | undefined;
}
