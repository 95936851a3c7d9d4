import type { Planned } from './plan.js';

/** Ids of what a filing can be about. */
export interface Places {
  /** Of a chapter or an article of the bill, by its heading. */
  node(heading: string): string;
  /** Of an accepted filing, by its source key. */
  contribution(key: string): string;
}

/** The request's bytes, as POST /campaigns/{id}/contributions takes them. */
export function requestBody({ filing, publication, email, indented }: Omit<Planned, 'dueMs'>, places: Places): Buffer {
  const { kind, stance, on, title, body, source } = filing;
  const target = 'filing' in on ? { type: 'contribution', id: places.contribution(on.filing) } : { type: 'section', id: places.node('chapter' in on ? on.chapter : on.article) };
  const content = { kind, targets: [target], stance, title, body, source, language: 'fr', publication, contact: email && { email, consent: true } };
  return Buffer.from(JSON.stringify(content, undefined, indented ? 2 : undefined));
}
