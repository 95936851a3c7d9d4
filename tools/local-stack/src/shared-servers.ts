import type { StackPart } from './addresses.js';
import type { Ledger } from './ledger.js';
import { folderKey } from './paths.js';

/** On a server that others use too, everything this stack makes carries its mark; on its own servers names stay plain. */
export function markOnSharedServers({ given, folder }: Ledger, part: StackPart): string {
  if (!given.includes(part)) return '';
  return part === 'postgres' ? `_${folderKey(folder)}` : `${folderKey(folder)}.`;
}
