import { mkdirSync } from 'node:fs';
import { programFile } from './paths.js';
import { awaited } from './processes.js';
import { dataFolder, launchServer, logFile, type ServerContext } from './server.js';
import type { StackAddresses } from './addresses.js';
import { waitFor } from './wait.js';

/** maildev: SMTP without sign-in, a web page, a REST API. */
export async function startMail(context: ServerContext): Promise<StackAddresses['mail']> {
  const folder = dataFolder(context, 'mail');
  mkdirSync(folder, { recursive: true });
  const [smtpPort, webPort] = [await context.ledger.port('smtp'), await context.ledger.port('mail-page')];
  const identity = await launchServer(context, 'mail', { stopWith: 'SIGTERM' }, {
    name: 'The mail catch-all',
    command: process.execPath,
    args: ['--max-old-space-size=256', programFile('mail'), String(smtpPort), String(webPort), folder],
  });
  const webUrl = `http://127.0.0.1:${webPort}`;
  // The REST API opens after SMTP does.
  await waitFor('the mail catch-all', async () => ((await fetch(`${webUrl}/api/email`)).ok ? true : undefined), { timeoutMs: 30_000, of: awaited('The mail catch-all', identity, logFile(context, 'mail')) });
  return { smtpPort, smtpUrl: `smtp://127.0.0.1:${smtpPort}`, webUrl };
}
