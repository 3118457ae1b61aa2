import { boundsName } from '../lib/index.ts';
import { titleOf, podSpecPath, refOf, type KubeObject, type PodParts } from '../objects/index.ts';
import { withDefaults, type LimitDefault } from './limits/defaults.ts';
import { limitMessage, limitViolations } from './limits/limit-range.ts';
import { quotaViolations, type QuotaAnswer } from './limits/quota.ts';
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
  #answers: readonly QuotaAnswer[] | undefined;

  constructor(objects: readonly KubeObject[]) {
    const isBuiltIn = (kind: string) => (one: KubeObject) => one.kind === kind && one.apiVersion === 'v1';
    this.#objects = objects;
    this.#ranges = objects.filter(isBuiltIn('LimitRange'));
    this.#quotas = objects.filter(isBuiltIn('ResourceQuota'));
  }

  /** What all that is to be in the namespace needs of its quotas. */
  get quotas(): readonly QuotaAnswer[] {
    this.#answers ??= this.#quotas.map((quota) => quotaViolations(this.#objects, quota));
    return this.#answers;
  }

  /** The pod with what LimitRanges give it on its way in. */
  limited(pod: PodParts): PodParts {
    return this.#ranges.length === 0 ? pod : withDefaults(pod, this.#ranges).pod;
  }

  /** Requests and limits that a pod does not say and gets on its way in. */
  defaults(pod: PodParts): readonly LimitDefault[] {
    return this.#ranges.length === 0 ? [] : withDefaults(pod, this.#ranges).set;
  }

  /** What of LimitRanges and quotas a pod breaks whatever else runs. */
  violations(object: KubeObject, pod: PodParts): readonly Violation[] {
    const path = podSpecPath(object) ?? [];
    const space = object.metadata.namespace ?? '';
    const told = ({ by, name, paths, ...one }: Told): Violation => ({
      ...one,
      field: `${by} ${name}`,
      places: [{ path, actual: undefined }],
      decided:
        name === boundsName ? paths.map((steps) => ({ of: 'Namespace', name: space, path: steps })) : [],
      waivers: [],
    });
    const limits = this.#ranges.length === 0 ? [] : limitViolations(this.limited(pod), this.#ranges);
    const quotas = this.#answersFor(object).flatMap(({ quota, refusals }) =>
      refusals.filter((one) => one.object === titleOf(refOf(object))).map((one) => ({ quota, ...one })),
    );
    return [
      ...limits.map((one) =>
        told({
          rule: 'TRY-SEC-060',
          sentence: limitMessage(one),
          by: 'LimitRange',
          name: one.range,
          paths: one.bounds.map(([type = '', ...bound]) => ['limits', type.toLowerCase(), ...bound]),
        }),
      ),
      ...quotas.map(({ quota, words, resources }) =>
        told({
          rule: 'TRY-SEC-061',
          sentence: words,
          by: 'ResourceQuota',
          name: quota,
          paths: resources.map((resource) => ['quota', resource]),
        }),
      ),
    ];
  }

  #answersFor(object: KubeObject): readonly QuotaAnswer[] {
    if (this.#objects.includes(object)) return this.quotas;
    return this.#quotas.map((quota) => quotaViolations([...this.#objects, object], quota));
  }
}
