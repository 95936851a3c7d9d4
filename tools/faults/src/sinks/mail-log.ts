/** One mail that the SMTP server took, as far as it knows; a line of `mails.jsonl`. */
export interface MailLine {
  readonly messageId: string;
  /** SHA-256 of the address in lower case, in hexadecimal. */
  readonly recipientSha256: string;
  /** `accepted`: 250 was said. `doubtful`: taken, and the connection broke instead: the sender cannot know. */
  readonly verdict: 'accepted' | 'doubtful';
  readonly at: string;
}

/** A Message-ID begins with the dispatch's own. */
export const dispatchOf = (messageId: string): string => messageId.replace(/^<|@.*$/g, '');
