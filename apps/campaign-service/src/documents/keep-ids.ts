import { randomUUID } from 'node:crypto';
import type { OutlineNode } from './markdown-outline.js';

/**
 * Gives each node of a new import an id: that of an earlier node with the same words, also where it moved, and a new one otherwise.
 * Where the same words stand several times, in order.
 */
export function keepIds(outline: readonly OutlineNode[], earlier: readonly { nodeId: string; hash: string }[], newId: () => string = randomUUID): string[] {
  const free = new Map<string, string[]>();
  for (const { nodeId, hash } of earlier) free.set(hash, [...(free.get(hash) ?? []), nodeId]);
  return outline.map(({ hash }) => free.get(hash)?.shift() ?? newId());
}
