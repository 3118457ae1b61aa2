import {
  customScopes,
  groupOf,
  keyOf,
  ownerName,
  refOf,
  type KubeObject,
  type Ref,
} from '../objects/index.ts';
import { reversed, softened } from './graph-cycles.ts';
import { strengths, type Edge, type Node, type NodeKey } from './graph-node.ts';
import { graphOf, type Charge } from './graph.ts';

const isWebhook = (object: KubeObject): boolean => object.kind.endsWith('WebhookConfiguration');
const isNamespace = (object: KubeObject): boolean =>
  object.kind === 'Namespace' && object.apiVersion === 'v1';

/**
 * Refs in the order in which they go, those of one list side by side: webhooks first, so that nothing is refused for want of what answers
 * for them; then what nobody refers to, before what it refers to; instances before the rest of the owner that brought their
 * definition, which may have to clean up after them; namespaces last.
 */
export function deletionOrder(charges: readonly Charge[]): readonly (readonly Ref[])[] {
  const objects = charges.map((charge) => charge.object);
  const between = charges.filter(({ object }) => !isWebhook(object) && !isNamespace(object));
  const layers = [
    objects.filter(isWebhook).map(refOf),
    ...layersOf(between),
    objects.filter(isNamespace).map(refOf),
  ];
  return layers.filter((layer) => layer.length > 0);
}

function layersOf(charges: readonly Charge[]): readonly (readonly Ref[])[] {
  const nodes = withOperators(charges);
  const cuts = new Map(softened(nodes).map(({ from, edge }) => [`${from} ${edge.to}`, true]));
  const targets = new Map(
    [...nodes].map(([key, node]) => [
      key,
      node.edges.map((edge) => edge.to).filter((to) => !cuts.has(`${key} ${to}`)),
    ]),
  );
  const depths = depthsOf(targets);
  const layers = Map.groupBy(charges, ({ object }) => depths.get(keyOf(refOf(object))) ?? 0);
  return [...layers.keys()]
    .sort((left, right) => left - right)
    .map((depth) => (layers.get(depth) ?? []).map(({ object }) => refOf(object)));
}

/** How many others have to go before a node may, by its longest chain. */
function depthsOf(targets: ReadonlyMap<NodeKey, readonly NodeKey[]>): ReadonlyMap<NodeKey, number> {
  const depths = new Map<NodeKey, number>();
  const left = new Map([...reversed(targets)].map(([key, from]) => [key, from.length]));
  const free = [...targets.keys()].filter((key) => !left.has(key));
  for (const key of free) {
    const depth = depths.get(key) ?? 0;
    depths.set(key, depth);
    for (const to of targets.get(key) ?? []) {
      depths.set(to, Math.max(depths.get(to) ?? 0, depth + 1));
      const count = (left.get(to) ?? 0) - 1;
      left.set(to, count);
      if (count === 0) free.push(to);
    }
  }
  return depths;
}

/** The graph with one more rule: an instance goes before whatever else the owner of its definition has. */
function withOperators(charges: readonly Charge[]): ReadonlyMap<NodeKey, Node> {
  const nodes = new Map(graphOf(charges).nodes);
  const kinds = new Map<string, string>();
  for (const { object, owner } of charges)
    for (const kind of customScopes([object]).keys()) kinds.set(kind, ownerName(owner));
  const kindOf = (object: KubeObject): string => `${groupOf(object.apiVersion)}/${object.kind}`;
  for (const operator of new Set(kinds.values())) {
    const rest = charges.filter(
      ({ object, owner }) => ownerName(owner) === operator && !kinds.has(kindOf(object)),
    );
    const edges = rest.map(({ object }) => edgeTo(keyOf(refOf(object))));
    nodes.set(`gate operator ${operator}`, { title: operator, tier: undefined, edges });
  }
  for (const { object } of charges) {
    const operator = kinds.get(kindOf(object));
    const node = nodes.get(keyOf(refOf(object)));
    if (operator === undefined || node === undefined) continue;
    nodes.set(keyOf(refOf(object)), { ...node, edges: [...node.edges, edgeTo(`gate operator ${operator}`)] });
  }
  return nodes;
}

function edgeTo(to: NodeKey): Edge {
  return { to, tie: 'exists', by: 'cleans up', strength: strengths.kind, isOptional: false };
}
