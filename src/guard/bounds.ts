import { titleOf, podSpecPath, refOf, type KubeObject, type PodParts } from '../objects/index.ts';
import { withDefaults, type LimitDefault } from './limits/defaults.ts';
import { limitMessage, limitViolations } from './limits/limit-range.ts';
import { quotaViolations, type QuotaAnswer } from './limits/quota.ts';
import type { Violation } from './violation.ts';

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

  /** Requests and limits that a pod does not say and gets on its way in. */
  defaults(pod: PodParts): readonly LimitDefault[] {
    return this.#ranges.length === 0 ? [] : withDefaults(pod, this.#ranges).set;
  }

  /** What of LimitRanges and quotas a pod breaks whatever else runs. */
  violations(object: KubeObject, pod: PodParts): readonly Violation[] {
    const path = podSpecPath(object) ?? [];
    const told = (rule: Violation['rule'], sentence: string, by: string): Violation => ({
      rule,
      sentence,
      field: by,
      places: [{ path, actual: undefined }],
      waivers: [],
    });
    const limits =
      this.#ranges.length === 0 ? [] : limitViolations(withDefaults(pod, this.#ranges).pod, this.#ranges);
    return [
      ...limits.map((one) => told('TRY-SEC-060', limitMessage(one), `LimitRange ${one.range}`)),
      ...this.#answersFor(object).flatMap(({ quota, refusals }) =>
        refusals
          .filter((one) => one.object === titleOf(refOf(object)))
          .map(({ words }) => told('TRY-SEC-061', words, `ResourceQuota ${quota}`)),
      ),
    ];
  }

  #answersFor(object: KubeObject): readonly QuotaAnswer[] {
    if (this.#objects.includes(object)) return this.quotas;
    return this.#quotas.map((quota) => quotaViolations([...this.#objects, object], quota));
  }
}
