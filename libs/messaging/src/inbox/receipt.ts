/** What became of a chunk of messages. */
export interface Receipt {
  /** Events handled now, for the first time. */
  readonly handled: number;
  /** Events handled before. */
  readonly duplicates: number;
  /** Of types that the service does not handle. */
  readonly ignored: number;
  readonly deadLetters: number;
}
