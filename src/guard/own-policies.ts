import { stringAt } from '../lib/index.ts';
import { groupOf, podOf, type KubeObject } from '../objects/index.ts';
import { creationOf, type AdmissionWorld } from './admission/request.ts';
import { admissionVerdicts } from './admission/verdicts.ts';
import type { Violation } from './violation.ts';

const group = 'admissionregistration.k8s.io';

/** What ValidatingAdmissionPolicies say of an object. */
interface PolicyVerdict {
  readonly refused: readonly Violation[];
  readonly warned: readonly Violation[];
  readonly unknowns: readonly string[];
}

const nothing: PolicyVerdict = { refused: [], warned: [], unknowns: [] };

/** The ValidatingAdmissionPolicies that a fleet brings itself; those that Toryo compiles from profiles are read by its own rules. */
export class OwnPolicies {
  readonly #policies: readonly KubeObject[];
  readonly #world: AdmissionWorld;

  /** `version`: `1.35`; undefined: the first that has such policies without a feature gate. */
  constructor(objects: readonly KubeObject[], version: string | undefined) {
    this.#policies = objects.filter(
      (one) =>
        groupOf(one.apiVersion) === group &&
        /^ValidatingAdmissionPolicy(Binding)?$/.test(one.kind) &&
        !one.metadata.name.startsWith('toryo-'),
    );
    const kinds = new Set(this.#policies.map((one) => stringAt(one, 'spec', 'paramKind', 'kind')));
    this.#world = {
      objects: objects.filter(
        ({ kind }) => kind === 'Namespace' || kind === 'CustomResourceDefinition' || kinds.has(kind),
      ),
      minor: Number(version?.split('.')[1] ?? 30),
    };
  }

  get areThere(): boolean {
    return this.#policies.length > 0;
  }

  /** An object, and the pod that it makes, as the policies would see them. */
  verdictOn(object: KubeObject): PolicyVerdict {
    if (!this.areThere) return nothing;
    const pod = object.kind === 'Pod' ? undefined : madePod(object);
    const verdicts = [object, ...(pod === undefined ? [] : [pod])].flatMap((one) =>
      admissionVerdicts(creationOf(one, this.#world), this.#policies, this.#world),
    );
    const told = (is: string) =>
      verdicts
        .filter((one) => one.is === is)
        .flatMap(({ policy, messages }) => messages.map((text) => violation(policy, text)));
    return {
      refused: told('refused'),
      warned: told('warned'),
      unknowns: verdicts
        .filter(({ is }) => is === 'unknown')
        .flatMap(({ policy, messages }) =>
          messages.map((why) => `ValidatingAdmissionPolicy ${policy}: ${why}`),
        ),
    };
  }
}

function violation(policy: string, sentence: string): Violation {
  const field = `ValidatingAdmissionPolicy ${policy}`;
  return { rule: 'TRY-SEC-062', sentence, field, places: [], decided: [], waivers: [] };
}

function madePod(object: KubeObject): KubeObject | undefined {
  const parts = podOf(object);
  if (parts === undefined) return undefined;
  const { name, namespace } = object.metadata;
  const where = namespace === undefined ? { name } : { name, namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...parts.metadata, ...where }, spec: parts.spec };
}
