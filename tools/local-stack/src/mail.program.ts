import { MailDev } from 'maildev';

/** The mail catch-all as a process of its own: takes every mail, delivers none, shows them on a page. */
const [smtpPort, webPort, mailDirectory] = process.argv.slice(2);
if (mailDirectory === undefined) throw new Error('Usage: mail.program.js <smtp port> <web port> <folder>');

const mail = new MailDev({ smtp: Number(smtpPort), ip: '127.0.0.1', web: Number(webPort), webIp: '127.0.0.1', mailDirectory, silent: true });
process.once('SIGTERM', () => void mail.stop().finally(() => process.exit(0)));
await mail.start();
