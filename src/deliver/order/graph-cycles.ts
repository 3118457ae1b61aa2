import { compareText } from '../../lib/index.ts';
import type { Edge, Node, NodeKey } from './graph-node.ts';

/** An edge and where it begins. */
export interface Cut {
  readonly from: NodeKey;
  readonly edge: Edge;
}

/**
 * The edges that have to go so that no circle is left, the weakest of each circle; in the same order for the same nodes. Edges
 * are laid from the strongest on, and one that would close a circle is left out (as Kruskal does it for trees).
 */
export function softened(nodes: ReadonlyMap<NodeKey, Node>): readonly Cut[] {
  const core = circular(nodes);
  if (core.size === 0) return [];
  const edges = [...core].flatMap((from) =>
    (nodes.get(from)?.edges ?? []).filter((edge) => core.has(edge.to)).map((edge) => ({ from, edge })),
  );
  const tier = (key: NodeKey): number => nodes.get(key)?.tier ?? 0;
  const isBackward = ({ from, edge }: Cut): number => (tier(from) < tier(edge.to) ? 1 : 0);
  edges.sort(
    (left, right) =>
      right.edge.strength - left.edge.strength ||
      isBackward(left) - isBackward(right) ||
      compareText(left.from, right.from) ||
      compareText(left.edge.to, right.edge.to),
  );
  const laid = new Map<NodeKey, NodeKey[]>();
  const cuts: Cut[] = [];
  for (const cut of edges) {
    if (reaches(laid, cut.edge.to, cut.from)) cuts.push(cut);
    else laid.set(cut.from, [...(laid.get(cut.from) ?? []), cut.edge.to]);
  }
  return cuts;
}

function reaches(laid: ReadonlyMap<NodeKey, readonly NodeKey[]>, from: NodeKey, to: NodeKey): boolean {
  const seen = new Set([from]);
  for (const key of seen) {
    if (key === to) return true;
    for (const next of laid.get(key) ?? []) seen.add(next);
  }
  return false;
}

/** Nodes on circles or between them: what is left when everything that waits for nothing, or that nobody waits for, is taken away. */
function circular(nodes: ReadonlyMap<NodeKey, Node>): ReadonlySet<NodeKey> {
  const forward = new Map([...nodes].map(([key, node]) => [key, node.edges.map((edge) => edge.to)]));
  const waiting = peeled(new Set(nodes.keys()), forward);
  return waiting.size === 0 ? waiting : peeled(waiting, reversed(forward));
}

function peeled(
  keys: ReadonlySet<NodeKey>,
  edges: ReadonlyMap<NodeKey, readonly NodeKey[]>,
): ReadonlySet<NodeKey> {
  const left = new Map(
    [...keys].map((key) => [key, (edges.get(key) ?? []).filter((to) => keys.has(to)).length]),
  );
  const back = reversed(edges);
  const free = [...left].filter(([, count]) => count === 0).map(([key]) => key);
  for (const key of free) {
    left.delete(key);
    for (const from of back.get(key) ?? []) {
      const count = left.get(from);
      if (count === undefined) continue;
      left.set(from, count - 1);
      if (count === 1) free.push(from);
    }
  }
  return new Set(left.keys());
}

/** The same edges from their other end. */
export function reversed(
  edges: ReadonlyMap<NodeKey, readonly NodeKey[]>,
): ReadonlyMap<NodeKey, readonly NodeKey[]> {
  const back = new Map<NodeKey, NodeKey[]>();
  for (const [from, targets] of edges)
    for (const to of targets) {
      const list = back.get(to);
      if (list === undefined) back.set(to, [from]);
      else list.push(from);
    }
  return back;
}
