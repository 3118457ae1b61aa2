import { stringsAt, type JsonObject } from '../../../lib/index.ts';
import type { PodParts } from '../../../objects/index.ts';
import type { SecurityProfile } from '../../../spec/index.ts';
import type { Psp } from '../policy.ts';

/** What is compared: a pod is let in by the policies when one of them lets it in. */
export interface Ground {
  readonly policies: readonly Psp[];
  readonly profile: SecurityProfile;
  /** Of Kubernetes, `1.35`. */
  readonly version: string;
}

/** What one value of an aspect adds to a pod. */
export interface Variation {
  readonly spec?: JsonObject;
  /** The pod's securityContext. */
  readonly context?: JsonObject;
  readonly container?: JsonObject;
  /** The container's securityContext. */
  readonly own?: JsonObject;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Something that policies and profiles look at, apart from everything else: all values that can matter, and which of them a pod
 * has. Two pods of the same cases get the same answers about it.
 */
export interface Aspect {
  readonly name: string;
  /** Every value that can be told from another, the plainest (nothing said) first. */
  variations(ground: Ground): readonly Variation[];
  /** The cases of a pod, which has its defaults: one text per place that is looked at. */
  cases(pod: PodParts, ground: Ground): readonly string[];
}

/** The name of the container of every made pod. */
export const madeContainer = 'app';

/** The pod that says what all of these add. */
export function podWith(variations: readonly Variation[]): PodParts {
  const merged = (part: 'spec' | 'context' | 'container' | 'own' | 'annotations'): JsonObject =>
    Object.fromEntries(variations.flatMap((one) => Object.entries(one[part] ?? {})));
  const [annotations, context, own] = [merged('annotations'), merged('context'), merged('own')];
  const container = { name: madeContainer, image: 'registry.example.com/app:1', ...merged('container') };
  return {
    metadata: {
      name: 'example',
      ...(Object.keys(annotations).length === 0
        ? {}
        : { annotations: stringsAt({ annotations }, 'annotations') }),
    },
    spec: {
      ...merged('spec'),
      ...(Object.keys(context).length === 0 ? {} : { securityContext: context }),
      containers: [{ ...container, ...(Object.keys(own).length === 0 ? {} : { securityContext: own }) }],
    },
  };
}

/** How much a variation says: the one that says least is shown. */
export function weightOf(pod: PodParts): number {
  return JSON.stringify(pod).length;
}

/** Every combination of one of each list, the first of all first. */
export function product<T>(...lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (rows, list) => rows.flatMap((row) => list.map((one) => [...row, one])),
    [[]],
  );
}

/** Variations put together. */
export function both(...parts: readonly Variation[]): Variation {
  const merged = (part: 'spec' | 'context' | 'container' | 'own'): JsonObject =>
    Object.fromEntries(parts.flatMap((one) => Object.entries(one[part] ?? {})));
  return {
    spec: merged('spec'),
    context: merged('context'),
    container: merged('container'),
    own: merged('own'),
    annotations: Object.fromEntries(parts.flatMap((one) => Object.entries(one.annotations ?? {}))),
  };
}

/** A field that says nothing, or one of the values. */
export function choices(
  part: 'spec' | 'context' | 'container' | 'own',
  field: string,
  values: readonly unknown[],
): readonly Variation[] {
  return [{}, ...values.map((value) => ({ [part]: { [field]: value } }))];
}

/** `+` and `-`: which of some statements hold. */
export function flags(...statements: readonly boolean[]): string {
  return statements.map((one) => (one ? '+' : '-')).join('');
}
