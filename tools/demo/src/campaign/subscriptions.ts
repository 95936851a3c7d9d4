import { setTimeout as sleep } from 'node:timers/promises';
import { linkIn, oneClickAddress, readMails, type Mail } from '../evidence/mails.js';
import { type Api, Refused } from '../http/api.js';
import type { Cast } from './cast.js';

interface Places {
  readonly anyone: Api;
  readonly notificationUrl: string;
  readonly mailUrl: string;
}

/** Asks for news of the campaign for everybody, and confirms for those who do: the link's page shows, its button confirms. */
export async function subscribe({ anyone, notificationUrl, mailUrl }: Places, campaignId: string, { subscribers }: Cast): Promise<void> {
  for (const { email, language } of subscribers) {
    await patiently(() => anyone.reply(`${notificationUrl}/subscriptions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, language, campaignId, consent: true }) }));
  }
  for (const { email, does } of subscribers) {
    const link = linkIn(await mailTo(anyone, mailUrl, email, (mail) => linkIn(mail, 'confirm') !== undefined, 'the request to confirm'), 'confirm') ?? '';
    if (does !== 'never-confirms') await patiently(() => pressButton(anyone, link));
  }
}

/**
 * As people do: again, while the service does not answer or is busy, or says 404 (it hears of a campaign by an event of its
 * own, a moment sooner or later than the others).
 */
async function patiently(ask: () => Promise<unknown>, timeoutMs = 30_000): Promise<void> {
  for (const start = performance.now(); ; await sleep(100)) {
    try {
      await ask();
      return;
    } catch (error) {
      const settled = error instanceof Refused && error.reply.status < 500 && error.reply.status !== 404;
      if (settled || performance.now() - start > timeoutMs) throw error;
    }
  }
}

/** One click in the mail program of whoever has had enough: the address in List-Unsubscribe, by POST (RFC 8058). */
export async function unsubscribe({ anyone, mailUrl }: Places, { subscribers }: Cast): Promise<void> {
  for (const { email } of subscribers.filter(({ does }) => does === 'confirms-then-unsubscribes')) {
    const announcement = await mailTo(anyone, mailUrl, email, (mail) => linkIn(mail, 'confirm') === undefined, 'the announcement of the opening');
    const address = await oneClickAddress(anyone, mailUrl, announcement);
    if (address === undefined) throw new Error(`« ${announcement.subject} » cannot be unsubscribed from by one click`);
    await patiently(() => anyone.reply(address, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' }));
  }
}

/** Follows a link of a mail and presses the button of its page: GET shows, POST acts. */
async function pressButton(anyone: Api, link: string): Promise<void> {
  const page = (await anyone.reply(link)).body.toString();
  const [form = ''] = /<form[\s\S]*?<\/form>/.exec(page) ?? [];
  const fields = [...form.matchAll(/<(?:input|button)\b[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [name, value]);
  const [, action = ''] = /<form\b[^>]*\baction="([^"]+)"/.exec(form) ?? [];
  await anyone.reply(new URL(action.replaceAll('&amp;', '&'), link).href, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() });
}

async function mailTo(anyone: Api, mailUrl: string, email: string, wanted: (mail: Mail) => boolean, what: string, timeoutMs = 20_000): Promise<Mail> {
  const start = performance.now();
  while (true) {
    const mail = (await readMails(anyone, mailUrl, email)).find(wanted);
    if (mail) return mail;
    if (performance.now() - start > timeoutMs) throw new Error(`Waited ${timeoutMs / 1_000} s for ${what} to ${email}`);
    await sleep(100);
  }
}
