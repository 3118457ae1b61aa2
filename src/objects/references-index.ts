import { at, listAt, stringAt, stringsAt } from '../lib/index.ts';
import { groupOf, keyOf, refOf, type KubeObject, type Ref, type RefKey } from './manifest.ts';
import { makesPods, podLabelsOf } from './pods.ts';
import { madeBy } from './references.ts';
import type { Target } from './references-target.ts';
import { hasAll, selects } from './selectors.ts';

/** Objects that references can be looked up among. */
export class ObjectIndex {
  readonly #objects = new Map<RefKey, KubeObject>();
  readonly #makers = new Map<RefKey, KubeObject[]>();
  readonly #kinds = new Map<string, KubeObject[]>();
  /** By namespace, and by namespace and label. */
  readonly #podMakers = new Map<string, KubeObject[]>();
  readonly #definitions = new Map<string, KubeObject[]>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) this.#add(object);
  }

  #add(object: KubeObject): void {
    const ref = refOf(object);
    this.#objects.set(keyOf(ref), object);
    push(this.#kinds, `${ref.group}/${ref.kind}`, object);
    if (makesPods(object)) this.#addPods(object, ref.namespace ?? '');
    for (const made of madeBy(object)) push(this.#makers, keyOf(made), object);
    const defined = definedBy(object);
    if (defined !== undefined) push(this.#definitions, defined, object);
  }

  #addPods(object: KubeObject, namespace: string): void {
    push(this.#podMakers, namespace, object);
    for (const [key, value] of Object.entries(podLabelsOf(object)))
      push(this.#podMakers, `${namespace} ${key}=${value}`, object);
  }

  /** The objects that a reference means; none when they are not among these. */
  find(target: Target): readonly KubeObject[] {
    switch (target.is) {
      case 'object':
        return this.#named(target.ref);
      case 'kind':
        return (this.#kinds.get(`${target.group}/${target.kind}`) ?? []).filter(
          (one) => target.namespace === undefined || one.metadata.namespace === target.namespace,
        );
      case 'definition':
        return this.#defining(target);
      case 'pods':
        return this.#podsWith(target.namespace, stringsAt(target.selector, 'matchLabels')).filter((one) =>
          selects(target.selector, podLabelsOf(one)),
        );
      case 'backend':
        return this.#behind(target.service);
      case 'parameters':
        return this.#parametersOf(target);
      default:
        return target satisfies never;
    }
  }

  #named(ref: Ref): readonly KubeObject[] {
    const key = keyOf(ref);
    const object = this.#objects.get(key);
    return [...(object === undefined ? [] : [object]), ...(this.#makers.get(key) ?? [])];
  }

  #defining({ group, version, kind }: Extract<Target, { is: 'definition' }>): readonly KubeObject[] {
    return [
      ...(this.#definitions.get(`${group}/${kind}`) ?? []),
      ...(this.#definitions.get(`${group} ${version}`) ?? []),
    ];
  }

  /** What makes pods in a namespace with the first of these labels, if there is one. */
  #podsWith(namespace: string, labels: Readonly<Record<string, string>>): readonly KubeObject[] {
    const [first] = Object.entries(labels);
    const key = first === undefined ? namespace : `${namespace} ${first[0]}=${first[1]}`;
    return this.#podMakers.get(key) ?? [];
  }

  #behind(service: Ref): readonly KubeObject[] {
    const selector = stringsAt(this.#objects.get(keyOf(service)), 'spec', 'selector');
    if (Object.keys(selector).length === 0) return [];
    return this.#podsWith(service.namespace ?? '', selector).filter((one) =>
      hasAll(selector, podLabelsOf(one)),
    );
  }

  #parametersOf({ policy, name, namespace }: Extract<Target, { is: 'parameters' }>): readonly KubeObject[] {
    const kind = at(this.#objects.get(keyOf(policy)), 'spec', 'paramKind');
    const ref = { group: groupOf(stringAt(kind, 'apiVersion') ?? ''), kind: stringAt(kind, 'kind') ?? '' };
    return this.#named(namespace === undefined ? { ...ref, name } : { ...ref, name, namespace });
  }
}

function push(map: Map<string, KubeObject[]>, key: string, object: KubeObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [object]);
  else list.push(object);
}

/** What kinds a definition brings: `group/Kind` of a CustomResourceDefinition, `group version` of an aggregated API. */
function definedBy(object: KubeObject): string | undefined {
  const group = stringAt(object, 'spec', 'group') ?? '';
  if (object.kind === 'CustomResourceDefinition')
    return `${group}/${stringAt(object, 'spec', 'names', 'kind') ?? ''}`;
  const isServed = object.kind === 'APIService' && at(object, 'spec', 'service') !== undefined;
  return isServed ? `${group} ${stringAt(object, 'spec', 'version') ?? ''}` : undefined;
}

/** True when a conversion webhook stands between an instance of that version and the stored one. */
export function isConverted(definition: KubeObject, version: string): boolean {
  if (stringAt(definition, 'spec', 'conversion', 'strategy') !== 'Webhook') return false;
  const stored = listAt(definition, 'spec', 'versions').find((one) => at(one, 'storage') === true);
  return stringAt(stored, 'name') !== version;
}
