import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence } from '../checks/evidence.js';
import { expectedOf } from '../checks/expectation.js';
import type { Played } from '../play.js';
import type { Screen } from '../screen/screen.js';
import type { Stage } from '../stage.js';
import { readCsv } from './csv.js';
import { readDeadLetters } from './dead-letters.js';
import { readDispatches } from './dispatches.js';
import { readSeal, readSubmitted } from './events.js';
import { figures } from './figures.js';
import { readJsonl } from './jsonl.js';
import { findLeaks } from './leaks.js';
import { followLinks } from './links.js';
import { readMails } from './mails.js';
import { readPdf, totalIn } from './pdf.js';
import { readProjection } from './projection.js';
import { closingReport, downloadReport } from './report.js';
import { readStored } from './stored.js';
import { readXlsx } from './xlsx.js';

const PATIENCE_MS = 15_000;

/** Waits for seal, report and mails, then reads every place where the campaign has left something. @param folder gets the report's files. */
export async function collect(stage: Stage, played: Played, folder: string, screen: Screen): Promise<Evidence> {
  const { stack, services, anyone, analyst, logFolder } = stage;
  const { campaignId } = played;
  const reportingUrl = services['reporting-service'].url;

  screen.say('Waiting for the seal and the report …');
  const report = await closingReport(analyst, reportingUrl, campaignId);
  const files = await downloadReport(analyst, reportingUrl, report, folder);
  await awaitMails(stage, played, screen);

  const { env } = services['contribution-service'];
  const prefix = env.TOPIC_PREFIX ?? '';
  const { brokers } = stack.kafka;
  const fileNamed = (name: string): string => join(folder, name);
  const addresses = new Set([...played.filed, ...played.edges].flatMap(({ email }) => email ?? []));
  const mails = (await readMails(anyone, stack.mail.webUrl)).filter(({ to }) => to.endsWith(`@${played.cast.domain}`));
  return {
    ...played,
    files,
    mails,
    dispatches: await readDispatches(services['notification-service'].env, campaignId),
    links: await followLinks(anyone, mails, files),
    stored: await readStored(env, campaignId),
    submitted: await readSubmitted(brokers, prefix, campaignId),
    seal: await readSeal(brokers, prefix, campaignId),
    projected: await readProjection(services['reporting-service'].env, campaignId),
    figures: await analyst.get(`${reportingUrl}/staff/campaigns/${campaignId}/figures`, figures),
    csv: await readCsv(fileNamed('contributions.csv')),
    xlsx: await readXlsx(fileNamed('contributions.xlsx')),
    jsonl: await readJsonl(fileNamed('contributions.jsonl')),
    pdfTotal: totalIn(await readPdf(fileNamed('report.pdf'))),
    deadLetters: await readDeadLetters(services),
    leaks: await findLeaks(addresses, brokers, prefix, logFolder),
  };
}

/** How many mails the story must bring, all together. */
function mailsDue(played: Played): number {
  const { subscribers, bodies } = played.cast;
  const confirmed = subscribers.filter(({ does }) => does !== 'never-confirms').length;
  const stillThere = subscribers.filter(({ does }) => does === 'confirms').length * (1 + played.extensions);
  const members = new Set(bodies.flatMap(({ members: people }) => people.map(({ email }) => email))).size;
  return subscribers.length + confirmed + stillThere + members + expectedOf(played).filter(({ email }) => email !== undefined).length;
}

const ON_THEIR_WAY = ['pending', 'sending'];

/** Ends when all are sent, or nothing moves any more for a while: the checks tell what is missing. */
async function awaitMails({ services }: Stage, played: Played, screen: Screen): Promise<void> {
  const due = mailsDue(played);
  const bar = screen.bar('Mails', due);
  let seen = 0;
  for (let last = performance.now(); performance.now() - last < PATIENCE_MS; await sleep(200)) {
    const dispatches = await readDispatches(services['notification-service'].env, played.campaignId);
    const settled = dispatches.filter(({ state }) => !ON_THEIR_WAY.includes(state)).length;
    if (settled > seen) last = performance.now();
    bar.add(settled - seen);
    seen = settled;
    if (seen >= due && seen === dispatches.length) break;
  }
  bar.done();
  await sleep(500); // one too many would come now
}
