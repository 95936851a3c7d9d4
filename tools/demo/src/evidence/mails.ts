import { simpleParser } from 'mailparser';
import { z } from 'zod';
import type { Api } from '../http/api.js';

const address = z.object({ address: z.string() });
const maildevMail = z.object({
  id: z.string(),
  subject: z.string().default(''),
  envelope: z.object({ to: z.array(address) }),
  headers: z.looseObject({ 'message-id': z.string() }),
  text: z.string().default(''),
  html: z.string().default(''),
});

/** One mail as the catch-all received it, for one recipient. */
export interface Mail {
  /** In the catch-all. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
}

/**
 * Everything that was sent so far, to one address when given.
 * @throws Error for a mail with several recipients: none may see another's address.
 */
export async function readMails(api: Api, webUrl: string, to?: string): Promise<Mail[]> {
  const mails = await api.get(`${webUrl}/api/email${to === undefined ? '' : `?envelope.to.address=${encodeURIComponent(to)}`}`, z.array(maildevMail));
  return mails.map(({ id, subject, envelope, headers, text, html }) => {
    const [recipient, ...others] = envelope.to;
    if (!recipient || others.length > 0) throw new Error(`A mail has ${envelope.to.length} recipients: ${subject}`);
    return { id, to: recipient.address.toLowerCase(), subject, messageId: headers['message-id'], text: text || html };
  });
}

/** Where a mail program posts to unsubscribe by one click (RFC 8058). Read from the mail as sent: the catch-all shows only some headers. */
export async function oneClickAddress(api: Api, webUrl: string, { id }: Mail): Promise<string | undefined> {
  const { headers } = await simpleParser((await api.reply(`${webUrl}/api/email/${id}/source`)).body);
  const list = z.object({ unsubscribe: z.object({ url: z.url() }), 'unsubscribe-post': z.object({ name: z.literal('List-Unsubscribe=One-Click') }) }).safeParse(headers.get('list'));
  return list.data?.unsubscribe.url;
}

/** The first link to a page of that name, such as `confirm`. */
export function linkIn({ text }: Pick<Mail, 'text'>, page: string): string | undefined {
  return [...text.matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map(([url]) => url.replaceAll('&amp;', '&')).find((url) => new URL(url).pathname.split('/').includes(page));
}

/** The id in a link such as `/manage/{id}?token=…`. */
export function idIn(mail: Mail, page: string): string | undefined {
  const link = linkIn(mail, page);
  return link === undefined ? undefined : new URL(link).pathname.split('/').at(-1);
}
