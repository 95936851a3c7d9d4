import type { Bilingual, Language } from '@cahier/contracts';

/** The interface language of a request: French unless English is preferred (RFC 9110 §12.5.4). */
export function pickLanguage(acceptLanguage?: string): Language {
  const weights = { fr: 0, en: 0 };
  for (const range of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const [, language, quality] = /^\s*(fr|en|\*)(?:-[a-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(range) ?? [];
    const name = language?.toLowerCase();
    if (name === 'fr' || name === 'en') weights[name] = Math.max(weights[name], Number(quality ?? 1));
  }
  return weights.en > weights.fr ? 'en' : 'fr';
}

export const inLanguage = (text: string | Bilingual, language: Language): string => (typeof text === 'string' ? text : text[language]);
