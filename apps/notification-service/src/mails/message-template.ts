import Handlebars from 'handlebars';
import { foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import { randomBytes } from 'node:crypto';
import type { RenderedMail, SubscriptionLinks } from './render-mail.js';

/** What is the recipient's own in a mail that says the same to all. */
export interface Addressee {
  /** One mailbox. */
  readonly to: string;
  /** With its angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where there is nothing to unsubscribe from. */
  readonly links?: SubscriptionLinks;
}

/** Text that is ready for the wire, or the place of a link and how it is written there. */
type Piece = string | { readonly link: keyof SubscriptionLinks; readonly write: (url: string) => string };

/** Quoted-printable never has `=_`: no part can hold this line. */
const BOUNDARY = '=_cahier';
/** A line of quoted-printable holds 76 characters, the sign of a soft break included (RFC 2045 §6.7). */
const LINE = 75;
const SOFT_BREAK = '=\r\n';

/** A mail as it goes over the wire (RFC 5322, MIME), made once and filled in for each recipient. All of it is ASCII. */
export class MessageTemplate {
  private readonly pieces: readonly Piece[];

  /** @param words renders the mail around these links; what it prints in their place is filled in later. @param headers that all recipients see. */
  constructor(words: (links: SubscriptionLinks) => RenderedMail, headers: (subject: string) => Readonly<Record<string, string>>) {
    // Nobody can have written these into a title.
    const marks = { unsubscribeUrl: randomBytes(16).toString('hex'), preferencesUrl: randomBytes(16).toString('hex') };
    const { subject, html, text } = words(marks);
    this.pieces = [
      headerLines({ ...headers(subject), 'MIME-Version': '1.0', 'Content-Type': `multipart/alternative; boundary="${BOUNDARY}"` }),
      partHead('text/plain'), ...quoted(text, marks, (url) => url),
      partHead('text/html'), ...quoted(html, marks, (url) => Handlebars.escapeExpression(url)),
      `\r\n--${BOUNDARY}--\r\n`,
    ];
  }

  /** The whole message. @throws Error when a link is needed and absent. */
  for({ to, messageId, date, headers, links }: Addressee): Buffer {
    const own = headerLines({ To: { name: '', address: to }, 'Message-ID': messageId, Date: date.toUTCString().replace('GMT', '+0000'), ...headers });
    const rest = this.pieces.map((piece) => {
      if (typeof piece === 'string') return piece;
      if (!links) throw new Error(`${piece.link} is missing`);
      return SOFT_BREAK + quote(piece.write(links[piece.link])) + SOFT_BREAK;
    });
    return Buffer.from(own + rest.join(''));
  }
}

/** One for all: making one costs as much as a header. */
const encoder = new MimeNode();

/** By nodemailer's own rules: no value can begin another line. */
const headerLines = (headers: Readonly<Record<string, string | { name: string; address: string }>>): string =>
  Object.entries(headers).map(([name, value]) => `${foldLines(`${name}: ${encoder.encodeHeaderValue(name, value)}`, 76)}\r\n`).join('');

const partHead = (type: string): string => `\r\n--${BOUNDARY}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;

const quote = (text: string): string => wrap(encode(text.replace(/\r\n?|\n/g, '\r\n')), LINE);

/** What stands between the links, ready; the soft breaks around a link are no part of the text (RFC 2045 §6.7, rule 5). */
function quoted(text: string, marks: SubscriptionLinks, write: (url: string) => string): Piece[] {
  return text.split(new RegExp(`(${marks.unsubscribeUrl}|${marks.preferencesUrl})`)).map((part) => {
    if (part === marks.unsubscribeUrl) return { link: 'unsubscribeUrl', write };
    if (part === marks.preferencesUrl) return { link: 'preferencesUrl', write };
    return quote(part);
  });
}
