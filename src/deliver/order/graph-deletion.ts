import {
  customScopes,
  groupOf,
  keyOf,
  ownerName,
  refOf,
  type KubeObject,
  type Ref,
} from '../../objects/index.ts';
import { reversed, softened } from './graph-cycles.ts';
import { strengths, type Edge, type Node, type NodeKey } from './graph-node.ts';
import { graphOf, type Charge } from './graph.ts';

const isWebhook = (object: KubeObject): boolean => object.kind.endsWith('WebhookConfiguration');
const isNamespace = (object: KubeObject): boolean =>
  object.kind === 'Namespace' && object.apiVersion === 'v1';

/**
 * Refs in the order in which they go, those of one list side by side: webhooks first, so that nothing is refused for want of what answers
 * for them; then what nobody refers to, before what it refers to; instances before their definition, and that before the
 * rest of its owner, which may have to clean up after them; bindings of guards when what they hold is gone, and before their policies
 * and Guards; namespaces last.
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

/** The graph with one more rule: a definition goes before whatever else its owner has, which may have to clean up or convert instances. */
function withOperators(charges: readonly Charge[]): ReadonlyMap<NodeKey, Node> {
  const nodes = new Map(graphOf(charges, new Map(), () => true).nodes);
  const kinds = customScopes(charges.map((charge) => charge.object));
  const isOperator = (object: KubeObject): boolean =>
    object.kind !== definitionKind && !kinds.has(`${groupOf(object.apiVersion)}/${object.kind}`);
  const owners = Map.groupBy(charges, (charge) => ownerName(charge.owner));
  for (const { object, owner } of charges) {
    const key = keyOf(refOf(object));
    const node = nodes.get(key);
    if (object.kind !== definitionKind || node === undefined) continue;
    const rest = (owners.get(ownerName(owner)) ?? []).filter((one) => isOperator(one.object));
    nodes.set(key, {
      ...node,
      edges: [...node.edges, ...rest.map((one) => edgeTo(keyOf(refOf(one.object))))],
    });
  }
  return nodes;
}

const definitionKind = 'CustomResourceDefinition';

function edgeTo(to: NodeKey): Edge {
  return { to, tie: 'exists', by: 'cleans up', strength: strengths.kind, isOptional: false };
}
