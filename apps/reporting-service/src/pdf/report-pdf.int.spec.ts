import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { campaignClosed, campaignScheduled, intakeSealed } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getDocument, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { makeReport } from '../export/make-report.js';
import type { ReportOrder } from '../export/report-order.js';
import { campaign, contribution, heardCampaign, sealOf, startService, submit, type Parsed, type TestService } from '../harness.spec.js';

jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'cahier-pdf-'));
let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => {
  await service.stop();
  rmSync(scratch, { recursive: true, force: true });
});

let made = 0;
async function printed(campaignId: string, changes: Partial<ReportOrder> = {}): Promise<{ pdf: PDFDocumentProxy; text: string; folder: string }> {
  const folder = join(scratch, String(++made));
  const outcome = await makeReport({
    reportId: campaignId, campaignId, kind: 'interim', number: 'CAHIER-2026-0007', version: 2, cutoff: '2026-03-06T17:00:00.000Z',
    parameters: { proposalsPerSection: 3, excerptCodePoints: 420 }, databaseUrl: service.config.DATABASE_URL, folder, ...changes,
  });
  expect(outcome).toMatchObject({ outcome: 'made' });
  const pdf = await getDocument({ data: new Uint8Array(readFileSync(join(folder, 'report.pdf'))), verbosity: 0 }).promise;
  let text = '';
  for (let page = 1; page <= pdf.numPages; page++) text += `${(await (await pdf.getPage(page)).getTextContent()).items.map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : '')).join('')}\f`;
  return { pdf, text: text.replace(/\u200B/g, '').replace(/[ \n]+/g, ' '), folder };
}

/** Every element of the structure tree, as a screen reader walks it. */
async function structure(pdf: PDFDocumentProxy): Promise<{ role: string; alt?: string }[]> {
  const found: { role: string; alt?: string }[] = [];
  const walk = (node: Parsed): void => {
    if (node?.role) found.push({ role: node.role, alt: node.alt });
    for (const child of node?.children ?? []) walk(child);
  };
  for (let page = 1; page <= pdf.numPages; page++) walk(await (await pdf.getPage(page)).getStructTree());
  return found;
}

const HOSTILE = [
  '<iframe src="file:///etc/passwd"></iframe><img src=http://169.254.169.254/latest>', '#panic("stop") #read("/etc/passwd") #import "@preview/x:1.0.0": *', '*gras* _italique_ = Titre $x^2$ \\ `code` <label> @ref',
  '@font-face { src: url(http://evil.example) } <link rel=stylesheet>', '/ terme: définition', '\u202Eà l’envers 漢字 \uE000 \u0007', 'x'.repeat(600), '#set page(fill: red)', '" + sys.inputs + "',
];

describe('the printed report', () => {
  it('is tagged for assistive technology: language, outline, headings, tables with heads, every figure with its words', async () => {
    const { campaignId, first } = await heardCampaign(service);
    await submit(service, ...Array.from({ length: 8 }, (_, n) => contribution(campaignId, { classification: { kind: 'argument', stance: n % 2 ? 'support' : 'oppose', audience: 'citizen', targets: [{ type: 'section', id: first }] } })));
    const { pdf } = await printed(campaignId);

    expect(await pdf.getMarkInfo()).toMatchObject({ Marked: true });
    expect(((await pdf.getMetadata()).info as Parsed).Language).toMatch(/^fr/);
    expect(readFileSync(join(scratch, String(made), 'report.pdf')).toString('latin1')).toMatch(/pdfuaid:part>1/);
    const outline = (await pdf.getOutline()).map(({ title }) => title);
    expect(outline).toEqual(expect.arrayContaining([expect.stringContaining('La participation'), expect.stringContaining('Méthode et limites'), expect.stringContaining('Summary in English')]));
    const elements = await structure(pdf);
    const roles = new Set(elements.map(({ role }) => role));
    for (const role of ['H1', 'H2', 'P', 'Table', 'TH', 'TD', 'Figure', 'TOC', 'TOCI']) expect([role, roles.has(role)]).toEqual([role, true]);
    const figures = elements.filter(({ role }) => role === 'Figure');
    expect(figures.length).toBeGreaterThanOrEqual(4);
    expect(figures.filter(({ alt }) => !alt)).toEqual([]);
    expect(figures.map(({ alt }) => alt)).toContainEqual(expect.stringMatching(/position déclarée.*pour\u00A0: 4.*contre\u00A0: 4/));
  });

  it('prints what people wrote as text, whatever it looks like', async () => {
    const { campaignId, first } = await heardCampaign(service, { title: { fr: HOSTILE[0]!, en: HOSTILE[1]! }, presentation: { fr: HOSTILE[2]!, en: 'x' } });
    const targets = [{ type: 'section' as const, id: first }];
    for (const text of HOSTILE) {
      const proposal = contribution(campaignId, { classification: { publication: 'named', targets }, text: { title: text.slice(0, 100), body: text, authorName: text.slice(0, 40), organisation: text.slice(0, 40) } });
      await submit(service, proposal, contribution(campaignId, { classification: { kind: 'argument', targets: [{ type: 'contribution', id: proposal.contributionId }] } }));
    }
    const { text, pdf } = await printed(campaignId, { parameters: { proposalsPerSection: 20, excerptCodePoints: 1_000 } });
    const seen = text.replace(/\s/g, '');
    for (const hostile of HOSTILE) {
      const shown = hostile.replaceAll('\u202E', '').replaceAll('\u0007', '').replace(/[漢字\uE000]/g, '□').replace(/\s/g, '');
      expect([hostile, seen.includes(shown)]).toEqual([hostile, true]);
    }
    expect(await pdf.hasJSActions()).toBe(false);
    expect(await pdf.getAttachments()).toBeNull();
  });

  it('can be read by a machine: the total on the cover, the number, the cut-off', async () => {
    const { campaignId } = await heardCampaign(service);
    await submit(service, ...Array.from({ length: 1_234 }, () => contribution(campaignId)));
    const { text } = await printed(campaignId);
    expect(text).toMatch(/1\s234\scontributions/);
    expect(text).toContain('CAHIER-2026-0007');
    expect(text).toMatch(/6\smars\s2026\sà\s18\sh\s00/);
  });

  it('is marked on every page while it is provisional, and not when it is the closing report', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const all = [contribution(campaignId)];
    await submit(service, ...all);
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, sealOf(campaignId, facts.window!.closesAt, all), 1);
    const interim = await printed(campaignId);
    expect(interim.text.split('\f').slice(0, -1).filter((page) => !page.includes('PROVISOIRE'))).toEqual([]);
    const closing = await printed(campaignId, { kind: 'closing' });
    expect(closing.text).not.toMatch(/provisoire/i);
    expect(closing.text).toContain(sealOf(campaignId, '', all).digest);
  });

  it('quotes nothing that its author did not want published, and names nobody who did not ask for it', async () => {
    const { campaignId, first } = await heardCampaign(service);
    const quoted = async (publication: 'named' | 'anonymous' | 'not-published', word: string) => {
      const proposal = contribution(campaignId, { classification: { publication, targets: [{ type: 'section', id: first }] }, text: { body: `Corps${word}`, title: `Titre${word}`, organisation: `Org${word}`, ...(publication === 'named' && { authorName: `Nom${word}` }) } });
      await submit(service, proposal, contribution(campaignId, { classification: { kind: 'argument', stance: 'support', targets: [{ type: 'contribution', id: proposal.contributionId }] } }));
    };
    await quoted('named', 'Alpha');
    await quoted('anonymous', 'Beta');
    await quoted('not-published', 'Gamma');
    const { text, folder } = await printed(campaignId);
    for (const word of ['CorpsAlpha', 'NomAlpha', 'OrgAlpha', 'CorpsBeta']) expect(text).toContain(word);
    for (const word of ['OrgBeta', 'CorpsGamma', 'TitreGamma']) expect(text).not.toContain(word);
    expect(text).toMatch(/6\scontributions/);
    // Staff's own files hold it, with its author's choice beside it.
    expect(readFileSync(join(folder, 'contributions.csv'), 'utf8')).toMatch(/not-published;.*CorpsGamma/);
  });

  it('names the chapter above its sections, once, also when the chapter has figures of its own', async () => {
    const { campaignId, chapter } = await heardCampaign(service, { title: { fr: 'T', en: 'T' } });
    // In its table of contents nothing, in its pages once.
    expect((await printed(campaignId)).text.match(/Chapitre/g)).toHaveLength(1);
    await submit(service, contribution(campaignId, { classification: { targets: [{ type: 'section', id: chapter }] } }));
    // Now a heading: in the table of contents, in the table by section, and above its figures.
    expect((await printed(campaignId)).text.match(/Chapitre/g)).toHaveLength(3);
  });

  it('is made of a campaign without document too, and says so', async () => {
    const { campaignId } = campaign();
    await deliver(service.app, campaignScheduled, campaign({ campaignId }), 1);
    await submit(service, contribution(campaignId));
    expect((await printed(campaignId)).text).toMatch(/Document soumis\s–.*Sans section/);
  });

  it('is made of an empty campaign too', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await printed(campaignId)).text).toMatch(/0\scontribution/);
    expect((await printed(campaignId, { cutoff: '2026-01-01T00:00:00.000Z' })).text).toContain('La campagne n’a pas encore ouvert.');
  });
});
