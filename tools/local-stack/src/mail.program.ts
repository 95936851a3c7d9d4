import { MailDev } from 'maildev';

/** The mail catch-all as a process of its own: takes every mail, delivers none, shows them on a page. */
const [smtpPort, webPort, mailDirectory, host = '127.0.0.1', kept = '0'] = process.argv.slice(2);
if (mailDirectory === undefined) throw new Error('Usage: mail.program.js <smtp port> <web port> <folder> [host [how many of the last mails are kept]]');

const mail = new MailDev({ smtp: Number(smtpPort), ip: host, web: Number(webPort), webIp: host, mailDirectory, maxEmails: Number(kept), silent: true });
process.once('SIGTERM', () => void mail.stop().finally(() => process.exit(0)));
await mail.start();
