import type { Language } from '@cahier/contracts';
import { createHash } from 'node:crypto';

/** Text that is already HTML: only `html` and `renderPage` make it. */
export class SafeHtml {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

type Piece = string | number | SafeHtml | null | undefined | readonly Piece[];

const render = (piece: Piece): string => {
  if (piece === null || piece === undefined) return '';
  if (piece instanceof SafeHtml) return piece.toString();
  if (typeof piece === 'object') return piece.map(render).join('');
  return escape(String(piece));
};

/** A template in which every value is escaped unless it is `SafeHtml` itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): SafeHtml {
  return new SafeHtml(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.55 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
header, main, footer { max-width: 42rem; margin: 0 auto; padding: 1rem; }
header { border-bottom: 3px solid #1b4f8a; font-weight: 600; }
footer { border-top: 1px solid GrayText; font-size: .9rem; margin-top: 2rem; }
h1 { line-height: 1.2; font-size: 1.7rem; }
dt { font-weight: 600; } dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-inline-start: 4px solid #1b4f8a; padding-inline-start: 1rem; }
button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .25rem; background: #1b4f8a; color: #fff; cursor: pointer; }
button:hover { background: #12365f; } a { color: LinkText; }
:focus-visible { outline: 3px solid #d97706; outline-offset: 2px; }
table { border-collapse: collapse; } th, td { text-align: start; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid GrayText; }
section[lang] + section[lang] { border-top: 1px solid GrayText; margin-top: 2rem; }
`;

/** Allows the one style sheet of these pages in their Content-Security-Policy. */
export const PAGE_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** A whole page: no script, nothing loaded from elsewhere. */
export function renderPage(page: { language: Language; title: string; body: SafeHtml }): string {
  return `<!doctype html>\n${html`<html lang="${page.language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${page.title} – Cahier</title><style>${new SafeHtml(STYLE)}</style></head>
<body><header>Cahier</header><main><h1>${page.title}</h1>
${page.body}
</main><footer>${page.language === 'fr' ? 'Consultations publiques' : 'Public consultations'}</footer></body>
</html>`.toString()}\n`;
}
