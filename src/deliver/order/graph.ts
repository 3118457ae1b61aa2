import { compareText, stringAt } from '../../lib/index.ts';
import {
  groupOf,
  guards,
  isConverted,
  keyOf,
  ObjectIndex,
  ownerName,
  referencesOf,
  refOf,
  tierOf,
  titleOf,
  versionOf,
  type KubeObject,
  type Manifest,
  type Reference,
} from '../../objects/index.ts';
import { softened } from './graph-cycles.ts';
import { activeGate, GuardOrder, guardsGate } from './graph-guards.ts';
import { strengths, type Edge, type Node, type NodeKey } from './graph-node.ts';

/** What to know about the order of one object. */
export interface OrderNote {
  readonly key: NodeKey;
  readonly why: string;
}

/** An object and who asked for it. */
export type Charge = Pick<Manifest, 'object' | 'owner'>;

/** What each object of one cluster waits for; without circles. */
export class Graph {
  readonly nodes: ReadonlyMap<NodeKey, Node>;
  readonly objects: readonly KubeObject[];
  /** Where a circle was opened. */
  readonly notes: readonly OrderNote[];

  constructor(
    nodes: ReadonlyMap<NodeKey, Node>,
    objects: readonly KubeObject[],
    notes: readonly OrderNote[] = [],
  ) {
    this.nodes = nodes;
    this.objects = objects;
    this.notes = notes;
  }

  /** For people: `waits for Secret/shop-web/db (env DB_PASSWORD)`, what is most particular first; undefined when it waits for nothing. */
  why(key: NodeKey): string | undefined {
    const edges = this.nodes.get(key)?.edges ?? [];
    if (edges.length === 0) return undefined;
    const parts = edges
      .toSorted((left, right) => rank(left) - rank(right) || compareText(left.to, right.to))
      .map((edge) => this.titleOf(edge));
    const rest = parts.length - mostReasons;
    return `waits for ${parts.slice(0, mostReasons).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  }

  /** The target of an edge and what refers to it. */
  titleOf(edge: Edge): string {
    return `${this.nodes.get(edge.to)?.title ?? edge.to} (${edge.by})`;
  }
}

const mostReasons = 3;

// What is waited for longest, then what the object itself names, then what holds for everything of its place.
function rank(edge: Edge): number {
  if (edge.tie === 'ready') return 0;
  if (edge.strength === strengths.declared) return 1;
  return edge.strength === strengths.named ? 2 : 3;
}

/**
 * What each object waits for: what it refers to, its owner's needs when they are healthy, the tenants before everything else, and active
 * guards before what makes pods. `isGuarded`: whether a namespace names a Guard; by the namespaces among the charges when it is left out.
 */
export function graphOf(
  charges: readonly Charge[],
  needs: ReadonlyMap<string, readonly string[]> = new Map(),
  isGuarded?: (namespace: string) => boolean,
): Graph {
  const draft = new Draft(charges, isGuarded);
  for (const charge of draft.charges) {
    draft.refer(charge);
    draft.guard(charge);
    draft.obey(charge);
    draft.declare(charge, needs);
  }
  return draft.finish();
}

const tenants = 'gate tenants';
const isTenant = (name: string): boolean => name.startsWith('Tenant/');

interface Drafted extends Node {
  readonly edges: Edge[];
}

class Draft {
  readonly charges: readonly Charge[];
  readonly #nodes = new Map<NodeKey, Drafted>();
  readonly #index: ObjectIndex;
  readonly #owners: ReadonlyMap<string, readonly Charge[]>;
  readonly #ownerOf: ReadonlyMap<KubeObject, string>;
  readonly #guards: GuardOrder;

  constructor(charges: readonly Charge[], isGuarded: ((namespace: string) => boolean) | undefined) {
    this.charges = charges.toSorted((left, right) =>
      compareText(keyOf(refOf(left.object)), keyOf(refOf(right.object))),
    );
    this.#index = new ObjectIndex(this.charges.map((charge) => charge.object));
    this.#owners = Map.groupBy(this.charges, (charge) => ownerName(charge.owner));
    this.#ownerOf = new Map(this.charges.map((charge) => [charge.object, ownerName(charge.owner)]));
    this.#guards = new GuardOrder(
      this.charges.map((charge) => charge.object),
      isGuarded,
    );
    for (const { object } of this.charges) {
      const ref = refOf(object);
      this.#nodes.set(keyOf(ref), { title: titleOf(ref), tier: tierOf(object), edges: [] });
    }
  }

  refer({ object }: Charge): void {
    const from = keyOf(refOf(object));
    for (const reference of referencesOf(object)) {
      if (reference.to.is === 'kind') this.#link(from, this.#kindGate(reference));
      else
        for (const found of this.#index.find(reference.to))
          this.#link(from, edgeTo(found, reference, strengthOf(reference)));
    }
  }

  // All of a kind is one gate: a thousand pods under a hundred policies are not a hundred thousand edges.
  #kindGate(reference: Reference): Edge | undefined {
    if (reference.to.is !== 'kind') return undefined;
    const { kind, namespace } = reference.to;
    const title = namespace === undefined ? kind : `${kind} of ${namespace}`;
    const members = (): readonly KubeObject[] => this.#index.find(reference.to);
    const wish = { title, tie: 'exists', by: reference.by, strength: strengths.kind } as const;
    return this.#gate(`gate ${title}`, members, wish);
  }

  /** An instance waits for what is asked about it before it is stored: webhooks that its definition's owner brings. */
  obey({ object }: Charge): void {
    const from = keyOf(refOf(object));
    for (const definition of this.#definitionsOf(object))
      for (const { found, reference } of this.#judgesOf(object, definition))
        this.#link(from, edgeTo(found, reference, strengths.ready));
  }

  #definitionsOf(object: KubeObject): readonly KubeObject[] {
    const [group, version] = [groupOf(object.apiVersion), versionOf(object.apiVersion)];
    return this.#index
      .find({ is: 'definition', group, version, kind: object.kind })
      .filter((one) => one.kind === 'CustomResourceDefinition');
  }

  #judgesOf(
    object: KubeObject,
    definition: KubeObject,
  ): readonly { readonly found: KubeObject; readonly reference: Pick<Reference, 'by' | 'tie'> }[] {
    const group = groupOf(object.apiVersion);
    const plural = stringAt(definition, 'spec', 'names', 'plural') ?? '';
    const owner = this.#ownerOf.get(definition);
    const configurations = (this.#owners.get(owner ?? '') ?? [])
      .map((charge) => charge.object)
      .filter((one) => guards(one, group, plural));
    const services = configurations
      .flatMap((one) => referencesOf(one))
      .filter((one) => one.to.is === 'backend');
    const converters = isConverted(definition, versionOf(object.apiVersion)) ? conversionOf(definition) : [];
    return [
      ...configurations.map((found) => ({ found, reference: { by: 'its webhook', tie: 'ready' as const } })),
      ...[...services, ...converters].flatMap((reference) =>
        this.#index.find(reference.to).map((found) => ({ found, reference })),
      ),
    ];
  }

  declare({ object, owner }: Charge, needs: ReadonlyMap<string, readonly string[]>): void {
    const name = ownerName(owner);
    const from = keyOf(refOf(object));
    if (isTenant(name)) return;
    const { declared } = strengths;
    const members = (): readonly KubeObject[] =>
      this.charges.filter((one) => isTenant(ownerName(one.owner))).map((one) => one.object);
    const first = {
      title: 'all Tenants',
      tie: 'exists',
      by: 'rights and isolation',
      strength: declared,
    } as const;
    this.#link(from, this.#gate(tenants, members, first));
    for (const need of needs.get(name) ?? []) {
      if (need === name) continue;
      const needed = (): readonly KubeObject[] => (this.#owners.get(need) ?? []).map((one) => one.object);
      const wish = { title: need, tie: 'ready', by: 'needs', strength: declared } as const;
      this.#link(from, this.#gate(`gate ${need}`, needed, wish));
    }
  }

  /** The probe after all other parts of the guards, a namespace after what it falls under, pods and Services after active policies. */
  guard({ object }: Charge): void {
    const from = keyOf(refOf(object));
    const { parts, probe } = this.#guards;
    const { declared, named } = strengths;
    const written = { title: 'all guards', tie: 'exists', by: 'probe', strength: declared } as const;
    if (probe.includes(object))
      this.#link(
        from,
        this.#gate(guardsGate, () => parts, written),
      );
    for (const binding of this.#guards.bindingsFor(object))
      this.#link(from, edgeTo(binding, { by: 'its guard', tie: 'exists' }, named));
    const active = {
      title: 'the guard of its namespace',
      tie: 'ready',
      by: 'policies',
      strength: declared,
    } as const;
    if (this.#guards.isHeld(object))
      this.#link(
        from,
        this.#gate(activeGate, () => [...parts, ...probe], active),
      );
  }

  /** An edge to a gate, which is open when all its members are there; undefined without members. */
  #gate(
    key: NodeKey,
    members: () => readonly KubeObject[],
    wish: Pick<Edge, 'tie' | 'by' | 'strength'> & { readonly title: string },
  ): Edge | undefined {
    const known = this.#nodes.get(key);
    // What waits gives way in a circle, not the gate: others wait at it too.
    const { title, tie, by, strength } = wish;
    if (known === undefined) {
      // Active is the gate itself, once its members are stored.
      const memberTie = key === activeGate ? 'exists' : tie;
      const edges = members().map((one) => edgeTo(one, { by, tie: memberTie }, strength + strengths.gate));
      this.#nodes.set(key, { title, tier: undefined, edges });
    }
    const isOpen = this.#nodes.get(key)?.edges.length === 0;
    const own = key === activeGate ? 'ready' : 'exists';
    return isOpen ? undefined : { to: key, tie: own, by, strength, isOptional: false };
  }

  #link(from: NodeKey, edge: Edge | undefined): void {
    const edges = this.#nodes.get(from)?.edges;
    if (edges === undefined || edge === undefined || edge.to === from) return;
    const before = edges.findIndex((one) => one.to === edge.to);
    if (before < 0) edges.push(edge);
    else if (edge.strength > (edges[before]?.strength ?? 0)) edges[before] = edge;
  }

  finish(): Graph {
    const cut = softened(this.#nodes);
    const objects = this.charges.map((charge) => charge.object);
    const whole = new Graph(this.#nodes, objects);
    if (cut.length === 0) return whole;
    const nodes = new Map([...this.#nodes].map(([key, node]) => [key, { ...node, edges: [...node.edges] }]));
    for (const { from, edge } of cut) {
      const edges = nodes.get(from)?.edges ?? [];
      edges.splice(
        edges.findIndex((one) => one.to === edge.to),
        1,
      );
    }
    const notes = cut.map(({ from, edge }) => ({
      key: from,
      why: `${nodes.get(from)?.title ?? from} does not wait for ${whole.titleOf(edge)}: they wait for each other in a circle`,
    }));
    return new Graph(nodes, objects, notes);
  }
}

function edgeTo(
  object: KubeObject,
  reference: Pick<Reference, 'by' | 'tie'> & { readonly isOptional?: boolean },
  strength: number,
): Edge {
  const { by, tie, isOptional = false } = reference;
  return { to: keyOf(refOf(object)), tie, by, strength, isOptional };
}

function strengthOf({ to, tie, isOptional }: Reference): number {
  if (isOptional) return strengths.optional;
  if (to.is === 'definition' || (to.is === 'object' && to.ref.kind === 'Namespace'))
    return strengths.required;
  return tie === 'ready' ? strengths.ready : strengths.named;
}

function conversionOf(definition: KubeObject): readonly Reference[] {
  const service = {
    group: '',
    kind: 'Service',
    namespace: stringAt(definition, ...conversionService, 'namespace') ?? '',
    name: stringAt(definition, ...conversionService, 'name') ?? '',
  };
  const by = `pods behind ${titleOf(service)}`;
  return [{ to: { is: 'backend', service }, by, tie: 'ready', isOptional: false }];
}

const conversionService = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'] as const;
