import type { Random } from '../random.js';

/** What the server does to one mail. */
export const behaviours = [
  'well',
  /** 421 to MAIL, and the connection ends. */
  '421',
  /** To RCPT. */
  '450', '550',
  /** After the final dot: the mail is not taken. */
  '451', '552',
  'drop-after-data',
  /** The mail is taken; the connection breaks before 250. */
  'drop-after-dot',
  /** 250 comes late. */
  'slow-250',
  /** Replies come one byte at a time. */
  'drip',
  /** Offers STARTTLS and then does not speak it. */
  'tls-garbage',
  /** Of three recipients one is accepted, the others get 450. */
  'one-of-three',
] as const;
export type Behaviour = (typeof behaviours)[number];

/** Decides for the nth mail of a server, counted from 1. */
export type Rule = (nth: number) => Behaviour;

export const well: Rule = () => 'well';

/** A share of the mails is treated by one of these, drawn. */
export const drawn = (random: Random, share: number, among: readonly Behaviour[]): Rule => () => (random.next() < share ? random.pick(among) : 'well');
