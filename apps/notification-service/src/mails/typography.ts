const NARROW = '\u202f';
const WIDE = '\u00a0';

/**
 * French spacing and apostrophes for texts of ours, never for what citizens wrote: U+202F before ; ! ? %, U+00A0 before : and inside « ».
 * Addresses, URLs and hours keep their colons. Applying it twice changes nothing more.
 */
export function french(text: string): string {
  return text
    .split(/(https?:\/\/\S+|\S+@\S+)/)
    .map((part, index) => (index % 2 === 1 ? part : spaced(part)))
    .join('');
}

const spaced = (text: string): string =>
  text
    .replace(/(\p{L})'(\p{L})/gu, '$1’$2')
    .replace(/[ \u00a0\u202f]*([;!?%])(?=[\s\u00a0\u202f.)»]|$)/gu, `${NARROW}$1`)
    .replace(/[ \u00a0\u202f]+:(?=[\s\u00a0\u202f]|$)/gu, `${WIDE}:`)
    .replace(/«[ \u00a0\u202f]*/gu, `«${WIDE}`)
    .replace(/[ \u00a0\u202f]*»/gu, `${WIDE}»`)
    .replace(/n° /gu, `n°${WIDE}`);

/** Making one costs a hundred times as much as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant for people: « lundi 23 novembre 2026 à 18 h 05 (heure de Paris) ». @param zone IANA name. */
export function whenSaid(instant: string, zone: string, language: 'fr' | 'en', precise = false): string {
  const at = new Date(instant);
  const part = (options: Intl.DateTimeFormatOptions): string => formatOf(language, zone, options).format(at);
  const day = part({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const [hours = '', minutes = '', seconds = ''] = part({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).split(':');
  if (language === 'en') return `${day} at ${hours}:${minutes}${precise ? `:${seconds}` : ''} (${zone === 'Europe/Paris' ? 'Paris time' : zone})`;
  const clock = [`${Number(hours)}${WIDE}h`, ...(minutes !== '00' || precise ? [minutes] : []), ...(precise ? [`min${WIDE}${seconds}${WIDE}s`] : [])].join(WIDE);
  return `${day} à ${clock} (${zone === 'Europe/Paris' ? 'heure de Paris' : zone})`;
}

function formatOf(language: 'fr' | 'en', zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${zone} ${Object.keys(options).join(' ')}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', { timeZone: zone, ...options });
  formats.set(key, format);
  return format;
}
