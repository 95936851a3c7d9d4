import { createHash } from 'node:crypto';
import type { Api } from '../http/api.js';
import { linkIn, type Mail } from './mails.js';
import type { ReportFile } from './report.js';

/** A link of a mail, followed as its reader would. */
export interface Followed {
  /** Such as `report for president@example.org`. */
  readonly link: string;
  /** Absent: it leads where it should. */
  readonly problem?: string;
}

const RECEIPTS = 5;

/** Opens every report link and downloads the PDF from its page; opens the management page of a few receipts. */
export async function followLinks(anyone: Api, mails: readonly Mail[], files: readonly ReportFile[]): Promise<Followed[]> {
  const pdf = files.find(({ name }) => name === 'report.pdf')?.sha256;
  const reports = mails.flatMap((mail) => (linkIn(mail, 'reports') ? [follow(`report for ${mail.to}`, () => openReport(anyone, linkIn(mail, 'reports') ?? '', pdf))] : []));
  const receipts = mails.filter((mail) => linkIn(mail, 'manage')).slice(0, RECEIPTS).map((mail) => follow(`receipt for ${mail.to}`, () => anyone.reply(linkIn(mail, 'manage') ?? '')));
  return Promise.all([...reports, ...receipts]);
}

async function openReport(anyone: Api, link: string, expected: string | undefined): Promise<void> {
  const page = (await anyone.reply(link)).body.toString();
  const [, address] = /href="([^"]*\/files\/report\.pdf[^"]*)"/.exec(page) ?? [];
  if (address === undefined) throw new Error('its page has no link to report.pdf');
  const { body } = await anyone.reply(new URL(address.replaceAll('&amp;', '&'), link).href);
  if (createHash('sha256').update(body).digest('hex') !== expected) throw new Error('it leads to another report.pdf');
}

async function follow(link: string, open: () => Promise<unknown>): Promise<Followed> {
  try {
    await open();
    return { link };
  } catch (error) {
    return { link, problem: (error as Error).message };
  }
}
