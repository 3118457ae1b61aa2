import { boundsName, listAt, type PathStep } from '../lib/index.ts';
import { podOf, titleOf, podSpecPath, refOf, type KubeObject, type PodParts } from '../objects/index.ts';
import { contradictions } from './limits/contradictions.ts';
import { withDefaults, type LimitDefault } from './limits/defaults.ts';
import {
  boundsClaims,
  claimViolations,
  limitMessage,
  limitViolations,
  type LimitViolations,
} from './limits/limit-range.ts';
import { podClaims } from './limits/quota-need.ts';
import { quotaViolations, type QuotaAnswer } from './limits/quota.ts';
import { storedPod, type PodGround } from './limits/stored-pod.ts';
import type { Violation } from './violation.ts';

interface Told extends Pick<Violation, 'rule' | 'sentence'> {
  readonly by: 'LimitRange' | 'ResourceQuota';
  readonly name: string;
  /** Fields of a Tenant's namespace that decide, where it is the one that Toryo compiles from them. */
  readonly paths: readonly (readonly string[])[];
}

/** LimitRanges and ResourceQuotas of one namespace, and everything that is to be in it. */
export class Bounds {
  readonly #objects: readonly KubeObject[];
  readonly #ranges: readonly KubeObject[];
  readonly #quotas: readonly KubeObject[];
  readonly #ground: PodGround;
  #answers: readonly QuotaAnswer[] | undefined;

  constructor(objects: readonly KubeObject[], ground: PodGround = {}) {
    const isBuiltIn = (kind: string) => (one: KubeObject) => one.kind === kind && one.apiVersion === 'v1';
    this.#objects = objects;
    this.#ground = ground;
    this.#ranges = objects.filter(isBuiltIn('LimitRange'));
    this.#quotas = objects.filter(isBuiltIn('ResourceQuota'));
  }

  /** What all that is to be in the namespace needs of its quotas. */
  get quotas(): readonly QuotaAnswer[] {
    this.#answers ??= this.#quotas.map((quota) => quotaViolations(this.#objects, quota, this.#ground));
    return this.#answers;
  }

  /** The pod as it is stored, with what LimitRanges give it on its way in. */
  limited(pod: PodParts): PodParts {
    return withDefaults(storedPod(pod, this.#ground), this.#ranges).pod;
  }

  /** Requests and limits that a pod does not say and gets on its way in. */
  defaults(pod: PodParts): readonly LimitDefault[] {
    return this.#ranges.length === 0 ? [] : withDefaults(pod, this.#ranges).set;
  }

  /** True when there may be something to say of an object that makes no pods. */
  isAbout(object: KubeObject): boolean {
    return isClaim(object) && boundsClaims(this.#ranges);
  }

  /** What of LimitRanges and quotas the pods of an object, and its claims, break whatever else runs. */
  violations(object: KubeObject): readonly Violation[] {
    const pod = podOf(object);
    return [...(pod === undefined ? [] : this.#podViolations(object, pod)), ...this.#claimViolations(object)];
  }

  #podViolations(object: KubeObject, pod: PodParts): readonly Violation[] {
    const path = podSpecPath(object) ?? [];
    const limits = this.#limitViolations(pod);
    const quotas = this.#answersFor(object).flatMap(({ quota, refusals }) =>
      refusals.filter((one) => one.object === titleOf(refOf(object))).map((one) => ({ quota, ...one })),
    );
    return [
      ...limits.map((one) => broken(one, object, path)),
      ...quotas.map(({ quota, words, resources }) =>
        told(object, path, {
          rule: 'TRY-SEC-061',
          sentence: words,
          by: 'ResourceQuota',
          name: quota,
          paths: resources.map((resource) => ['quota', resource]),
        }),
      ),
    ];
  }

  // A maximum is a default too: what breaks the one contradicts the other, and is told once.
  #limitViolations(pod: PodParts): readonly LimitViolations[] {
    const bounds = limitViolations(this.limited(pod), this.#ranges);
    const broken = new Set(bounds.flatMap(keysOf));
    return [
      ...contradictions(storedPod(pod, this.#ground), this.#ranges).filter(
        (one) => !keysOf(one).some((key) => broken.has(key)),
      ),
      ...bounds,
    ];
  }

  // Of claims that a controller makes: it is refused there, and the pod waits for ever.
  #claimViolations(object: KubeObject): readonly Violation[] {
    const path = ['spec', 'volumeClaimTemplates'];
    const templates = object.kind === 'StatefulSet' ? listAt(object, ...path) : [];
    const pod = podOf(object);
    const base = podSpecPath(object) ?? [];
    const claims = [
      ...(isClaim(object) ? [{ claim: object, path: [] }] : []),
      ...templates.map((claim, index) => ({ claim, path: [...path, index] })),
      ...(pod === undefined ? [] : podClaims(pod)).map((one) => ({ ...one, path: [...base, ...one.path] })),
    ];
    return claims.flatMap((one) =>
      claimViolations(one.claim, this.#ranges).map((violation) => broken(violation, object, one.path)),
    );
  }

  #answersFor(object: KubeObject): readonly QuotaAnswer[] {
    if (this.#objects.includes(object)) return this.quotas;
    return this.#quotas.map((quota) => quotaViolations([...this.#objects, object], quota, this.#ground));
  }
}

function keysOf({ range, bounds }: LimitViolations): readonly string[] {
  return bounds.map((bound) => [range, ...bound].join(' '));
}

function isClaim(object: KubeObject): boolean {
  return object.kind === 'PersistentVolumeClaim' && object.apiVersion === 'v1';
}

function broken(one: LimitViolations, object: KubeObject, path: readonly PathStep[]): Violation {
  return told(object, path, {
    rule: 'TRY-SEC-060',
    sentence: limitMessage(one),
    by: 'LimitRange',
    name: one.range,
    paths: one.bounds.map(([type = '', ...bound]) => ['limits', fieldOf(type), ...bound]),
  });
}

/** A type of a LimitRange as a Tenant writes it: `persistentVolumeClaim`. */
function fieldOf(type: string): string {
  return `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
}

function told(
  { metadata }: KubeObject,
  path: readonly PathStep[],
  { by, name, paths, ...one }: Told,
): Violation {
  const space = metadata.namespace ?? '';
  return {
    ...one,
    field: `${by} ${name}`,
    places: [{ path, actual: undefined }],
    decided: name === boundsName ? paths.map((steps) => ({ of: 'Namespace', name: space, path: steps })) : [],
    waivers: [],
  };
}
