import type { NodeKind } from '@cahier/contracts';

interface Node {
  readonly id: string;
  readonly kind: NodeKind;
  readonly parentId?: string | undefined;
}

/**
 * Node → the section under which what concerns it is counted: the nearest section that holds it, itself included;
 * its chapter when no section does.
 */
export function sectionsOf(nodes: readonly Node[]): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sectionOf = (node: Node): string => {
    let at = node;
    // A chain that comes back to its start is our publisher's bug; the number of nodes bounds it.
    for (let steps = 0; at.kind !== 'section' && steps < nodes.length; steps++) {
      const holder = at.parentId === undefined ? undefined : byId.get(at.parentId);
      if (!holder) break;
      at = holder;
    }
    return at.id;
  };
  return new Map(nodes.map((node) => [node.id, sectionOf(node)]));
}
