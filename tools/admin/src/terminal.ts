import { createInterface } from 'node:readline/promises';
import { misused } from './problems.js';

/** What a command needs of the world. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  ask(question: string): Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isInteractive: process.stdin.isTTY && process.stderr.isTTY,
  environment: process.env,
  async ask(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
};

/** Before what cannot be undone. @throws AdminProblem unless somebody says yes, here or on the command line. */
export async function confirm(terminal: Terminal, consequence: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!terminal.isInteractive) throw misused(`${consequence} Nobody is here to confirm it: add --yes.`);
  const answer = await terminal.ask(`${consequence}\nType "yes" to go on: `);
  if (answer.trim().toLowerCase() !== 'yes') throw misused('Nothing was done.');
}
