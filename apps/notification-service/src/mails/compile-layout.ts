import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import mjml2html from 'mjml';

/** The layout's source, beside this file in `src`. */
const source = new URL('../../src/mails/layout.mjml', import.meta.url);
const target = new URL('../../src/mails/layout.ts', import.meta.url);

/** Compiles the layout. Includes are refused: a template reads no file. @throws Error for what MJML does not understand. */
export async function compiledLayout(): Promise<string> {
  const { html, errors } = await mjml2html(await readFile(source, 'utf8'), { validationLevel: 'strict', ignoreIncludes: true });
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return `/** Compiled from layout.mjml by \`npm run mails\`; a test compares. */\nexport const layout = ${JSON.stringify(html)};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, await compiledLayout());
