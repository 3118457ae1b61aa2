import { stringAt } from '../lib/index.ts';
import type { KubeObject, Ref } from './manifest.ts';

/** Which objects are referred to. */
export type Target =
  /** One object, or whatever makes it: an ExternalSecret stands for its Secret. */
  | { readonly is: 'object'; readonly ref: Ref }
  /** All of a kind, in one namespace or of the cluster. */
  | { readonly is: 'kind'; readonly group: string; readonly kind: string; readonly namespace?: string }
  /** What brings a kind: its CustomResourceDefinition, or the APIService of its version. */
  | { readonly is: 'definition'; readonly group: string; readonly version: string; readonly kind: string }
  /** What makes the pods that a LabelSelector selects. */
  | { readonly is: 'pods'; readonly namespace: string; readonly selector: unknown }
  /** What makes the pods behind a Service. */
  | { readonly is: 'backend'; readonly service: Ref }
  /** The parameters of a policy, whose kind the policy says. */
  | { readonly is: 'parameters'; readonly policy: Ref; readonly name: string; readonly namespace?: string };

/** That one object needs another. */
export interface Reference {
  readonly to: Target;
  /** What in the object refers to it, for people: `env DB_PASSWORD`, `roleRef`. */
  readonly by: string;
  /** What is needed of it: that it is stored, or that it is healthy too. */
  readonly tie: 'exists' | 'ready';
  /** The object works without it. */
  readonly isOptional: boolean;
}

/** A Ref of which a part may be missing. */
export type Named = Omit<Ref, 'name' | 'namespace'> & {
  readonly name: string | undefined;
  readonly namespace?: string | undefined;
};

/** A reference to one object by name; none without a name. */
export function named(
  to: Named,
  by: string,
  more: Partial<Pick<Reference, 'tie' | 'isOptional'>> = {},
): readonly Reference[] {
  const ref = refFrom(to);
  return ref === undefined ? [] : [reference({ is: 'object', ref }, by, more)];
}

function refFrom({ group, kind, name, namespace }: Named): Ref | undefined {
  if (name === undefined || name === '') return undefined;
  return namespace === undefined ? { group, kind, name } : { group, kind, name, namespace };
}

/** A reference that needs its target to be stored, unless told otherwise. */
export function reference(
  to: Target,
  by: string,
  more: Partial<Pick<Reference, 'tie' | 'isOptional'>> = {},
): Reference {
  return { to, by, tie: 'exists', isOptional: false, ...more };
}

/** References to a Service and to ready pods behind it: what calls it fails without them. */
export function calls(service: unknown, by: string): readonly Reference[] {
  const [name, namespace] = [stringAt(service, 'name'), stringAt(service, 'namespace')];
  const ref = refFrom({ group: '', kind: 'Service', name, namespace });
  if (ref === undefined) return [];
  return [
    reference({ is: 'object', ref }, by),
    reference({ is: 'backend', service: ref }, `pods behind Service/${ref.namespace ?? ''}/${ref.name}`, {
      tie: 'ready',
    }),
  ];
}

/** The namespace of an object; undefined for cluster-scoped ones. */
export function namespaceOf(object: KubeObject): string | undefined {
  return object.metadata.namespace;
}
