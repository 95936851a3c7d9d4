import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence, VisibleEvidence } from '../checks/evidence.js';
import { expectedOf } from '../checks/expectation.js';
import type { Deployment } from '../deployment.js';
import type { Played } from '../play.js';
import type { Screen } from '../screen/screen.js';
import type { Reached, Stage } from '../stage.js';
import { readCsv } from './csv.js';
import { listDeadLetters, readDeadLetters } from './dead-letters.js';
import { type Dispatch, listDispatches, readDispatches } from './dispatches.js';
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
  const { stack, services, logFolder } = stage;
  const { campaignId } = played;
  const visible = await collectVisible(stage, played, folder, screen, { dispatches: () => readDispatches(services['notification-service'].env, campaignId), deadLetters: () => readDeadLetters(services) });

  const { env } = services['contribution-service'];
  const prefix = env.TOPIC_PREFIX ?? '';
  const { brokers } = stack.kafka;
  const addresses = new Set([...played.filed, ...played.edges].flatMap(({ email }) => email ?? []));
  return {
    ...visible,
    stored: await readStored(env, campaignId),
    submitted: await readSubmitted(brokers, prefix, campaignId),
    seal: await readSeal(brokers, prefix, campaignId),
    projected: await readProjection(services['reporting-service'].env, campaignId),
    leaks: await findLeaks(addresses, brokers, prefix, logFolder),
  };
}

/** As `collect`, of a system that is reached by its entry alone. */
export function collectFromOutside(deployment: Deployment, played: Played, folder: string, screen: Screen): Promise<VisibleEvidence> {
  const { operator, admin, services } = deployment;
  return collectVisible(deployment, played, folder, screen, { dispatches: () => listDispatches(operator, services['notification-service'].url, played.campaignId), deadLetters: () => listDeadLetters(admin, services) });
}

/** What staff are told over HTTP, or read in the database where it is at hand: quicker, and past the service's own words. */
interface Told {
  readonly dispatches: () => Promise<readonly Dispatch[]>;
  readonly deadLetters: () => Promise<readonly string[]>;
}

async function collectVisible({ stack, services, anyone, analyst }: Reached, played: Played, folder: string, screen: Screen, told: Told): Promise<VisibleEvidence> {
  const { campaignId } = played;
  const reportingUrl = services['reporting-service'].url;
  screen.say('Waiting for the seal and the report …');
  const report = await closingReport(analyst, reportingUrl, campaignId);
  const files = await downloadReport(analyst, reportingUrl, report, folder);
  const dispatches = await awaitMails(told.dispatches, played, screen);

  const fileNamed = (name: string): string => join(folder, name);
  const mails = (await readMails(anyone, stack.mail.webUrl)).filter(({ to }) => to.endsWith(`@${played.cast.domain}`));
  return {
    ...played,
    files,
    mails,
    dispatches,
    links: await followLinks(anyone, mails, files),
    figures: await analyst.get(`${reportingUrl}/staff/campaigns/${campaignId}/figures`, figures),
    csv: await readCsv(fileNamed('contributions.csv')),
    xlsx: await readXlsx(fileNamed('contributions.xlsx')),
    jsonl: await readJsonl(fileNamed('contributions.jsonl')),
    pdfTotal: totalIn(await readPdf(fileNamed('report.pdf'))),
    deadLetters: await told.deadLetters(),
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
async function awaitMails(read: Told['dispatches'], played: Played, screen: Screen): Promise<readonly Dispatch[]> {
  const due = mailsDue(played);
  const bar = screen.bar('Mails', due);
  let seen = 0;
  for (let last = performance.now(); performance.now() - last < PATIENCE_MS; await sleep(200)) {
    const dispatches = await read();
    const settled = dispatches.filter(({ state }) => !ON_THEIR_WAY.includes(state)).length;
    if (settled > seen) last = performance.now();
    bar.add(settled - seen);
    seen = settled;
    if (seen >= due && seen === dispatches.length) break;
  }
  bar.done();
  await sleep(500); // one too many would come now
  return read();
}
