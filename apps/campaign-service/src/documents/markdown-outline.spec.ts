import { describe, expect, it } from '@jest/globals';
import { DocumentRefused } from './document.errors.js';
import { keepIds } from './keep-ids.js';
import { outlineOf } from './markdown-outline.js';

const shape = (markdown: string) => outlineOf(markdown).map(({ number, heading, text }) => [number, heading ?? text]);

describe('the outline of a Markdown text', () => {
  it('numbers chapters, sections and paragraphs', () => {
    expect(shape('# Un\n\nAvant.\n\n## A\n\nP1\n\nP2\n\n### Détail\n\nP3\n\n# Deux\n\n- premier\n- second\n  - dedans\n')).toEqual([
      ['1', 'Un'], ['1.1', 'Avant.'], ['1.1', 'A'], ['1.1.1', 'P1'], ['1.1.2', 'P2'], ['1.1.3', 'Détail'], ['1.1.4', 'P3'], ['2', 'Deux'], ['2.1', 'premier'], ['2.2', 'second'], ['2.3', 'dedans'],
    ]);
  });

  it('takes whatever heading level is the highest for chapters', () => {
    expect(shape('## Un\n\n### A\n\ntexte\n')).toEqual([['1', 'Un'], ['1.1', 'A'], ['1.1.1', 'texte']]);
  });

  it('keeps the text of HTML and nothing of its tags, and a row of a table as a paragraph', () => {
    expect(shape('# T\n\n<div onclick="x()">Texte <b>gras</b></div>\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nAppel <script>alert(1)</script> ici\n').map(([, text]) => text)).toEqual(['T', 'Texte gras', 'a | b', '1 | 2', 'Appel alert(1) ici']);
  });

  it.each(['', '# Titre seul\n', '---\n', '# A\n\n## B\n'])('refuses %j: no paragraph', (markdown) => {
    expect(() => outlineOf(markdown)).toThrow(DocumentRefused);
  });

  it.each([
    ['more than 4 000 nodes', `# T\n\n${Array.from({ length: 4_000 }, (_, i) => `Alinéa ${i}.`).join('\n\n')}\n`, 8_001],
    ['more than 4 000 headings', `Texte.\n\n${Array.from({ length: 4_000 }, (_, i) => `# ${i}`).join('\n')}\n`, 4_001],
    ['headings that no event can carry', `Texte.\n\n${`# ${'€'.repeat(1_000)}\n`.repeat(600)}`, 551],
    ['more than 5 MiB', `# T\n\n${'x'.repeat(5 * 1024 * 1024)}`, 3],
    ['quotations in quotations without end', `# T\n\nTexte.\n\n${'>'.repeat(50_000)} mot\n`, 5],
    ['lists in lists without end', `# T\n\nTexte.\n\n${'- '.repeat(50_000)} mot\n`, 5],
    ['emphasis that opens and never closes', `# T\n\nTexte.\n\n${'*a_ '.repeat(40_000)}\n`, 5],
    ['brackets over many lines', `# T\n\n${'[[[[[[[[[[ mot\n'.repeat(20_000)}`, 1_003],
  ])('refuses %s, and says at which line', (_name, markdown, line) => {
    let refused: unknown;
    try { outlineOf(markdown); } catch (error) { refused = error; }
    expect(refused).toBeInstanceOf(DocumentRefused);
    expect((refused as DocumentRefused).members).toEqual({ line });
  });

  it('takes a long list with emphasis and links in every item', () => {
    expect(outlineOf(`# T\n\n${Array.from({ length: 1_500 }, (_, i) => `- **${i}** voir [ici](https://example.org/${i}) et \`code\``).join('\n')}\n`)).toHaveLength(1_501);
  });
});

describe('ids', () => {
  const fresh = () => { let n = 0; return () => `new-${++n}`; };
  it('stay with the words, also where they moved, and are new for new words', () => {
    const earlier = outlineOf('# T\n\nUn.\n\nDeux.\n\nDeux.\n').map(({ hash }, i) => ({ nodeId: `old-${i}`, hash }));
    expect(keepIds(outlineOf('# T\n\nDeux.\n\nNouveau.\n\nUn.\n\nDeux.\n\nDeux.\n'), earlier, fresh())).toEqual(['old-0', 'old-2', 'new-1', 'old-1', 'old-3', 'new-2']);
  });
});
