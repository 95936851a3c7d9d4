import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';

/**
 * The reference for mail: nodemailer's pool, as many connections as the service has, the same words to as many people.
 * `node pool.program.js <smtp url> <mails> <connections>` reads the mail as JSON from its input and prints the seconds.
 */
const [url = '', mails = '1000', connections = '5'] = process.argv.slice(2);
const chunks: Buffer[] = [];
for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
const mail = JSON.parse(Buffer.concat(chunks).toString()) as { subject: string; html: string; text: string };

const pool = createTransport({ url, pool: true, maxConnections: Number(connections), maxMessages: Infinity } as Parameters<typeof createTransport>[0]);
const started = performance.now();
await Promise.all(Array.from({ length: Number(mails) }, (_, n) => pool.sendMail({
  ...mail, from: 'Cahier <ne-pas-repondre@cahier.example>', to: `reference.${n}@example.org`, messageId: `<${randomUUID()}@cahier.example>`,
  headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': 'fr' },
})));
process.stdout.write(`${(performance.now() - started) / 1_000}\n`);
pool.close();
