import { text } from 'node:stream/consumers';
import { openPromise, type ZipFile } from 'yauzl';
import type { Shown } from './contribution.js';

const KINDS: Readonly<Record<string, string>> = { proposition: 'proposal', remarque: 'remark', argument: 'argument', source: 'evidence', avis: 'opinion' };
const STANCES: Readonly<Record<string, string>> = { pour: 'support', 'pour, avec réserve': 'support-with-reservation', neutre: 'neutral', contre: 'oppose' };
const STATUSES: Readonly<Record<string, string>> = { déposée: 'filed', 'masquée par la modération': 'hidden', 'retirée par son auteur': 'withdrawn' };

/** The rows of the first sheet, by its French headings; labels are turned back into codes. */
export async function readXlsx(path: string): Promise<Shown[]> {
  const [head, ...rows] = sheetRows(await firstSheet(path));
  const columns = new Map([...(head ?? [])].map(([column, title]) => [title, column]));
  return rows.map((cells) => {
    const value = (title: string): string => cells.get(columns.get(title) ?? '?') ?? '';
    const given = (title: string): string | undefined => value(title) || undefined;
    const code = (labels: Readonly<Record<string, string>>, title: string): string | undefined => given(title) && (labels[value(title)] ?? `unknown label ${value(title)}`);
    return {
      id: value('Identifiant'), sha256: value('Empreinte du dépôt'), kind: code(KINDS, 'Nature'), stance: code(STANCES, 'Position'), title: given('Titre'), body: value('Texte'),
      section: given('Titre de la section'), receivedAt: value('Reçue le (UTC)'), status: code(STATUSES, 'État'),
    };
  });
}

async function firstSheet(path: string): Promise<string> {
  const zip: ZipFile = await openPromise(path);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === 'xl/worksheets/sheet1.xml') return text(await zip.openReadStreamPromise(entry));
  }
  throw new Error(`${path} has no first sheet`);
}

/** Cells by column letter, of each row in order; text cells written in place, as the report's writer makes them. */
function* sheetRows(xml: string): Generator<Map<string, string>> {
  for (const [, row = ''] of xml.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)) {
    yield new Map([...row.matchAll(/<c r="([A-Z]+)\d+"[^>]*t="inlineStr"[^>]*><is><t[^>]*>(.*?)<\/t><\/is><\/c>/gs)].map(([, column = '', value = '']) => [column, plain(value)]));
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

/** XML entities, then ECMA-376's `_xHHHH_`. */
function plain(cell: string): string {
  return cell.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity).replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
