import { unknown } from '../cel/index.ts';
import { canonical, objectAt, stringAt } from '../lib/index.ts';
import { groupOf, isGeneratedName, mapPodSpec, podOf, type KubeObject } from '../objects/index.ts';
import { creationOf, type AdmissionRequest, type AdmissionWorld } from './admission/request.ts';
import { admissionVerdicts, type AdmissionVerdict } from './admission/verdicts.ts';
import type { Bounds } from './bounds.ts';
import { leavesImageVolumesOut, withoutImageVolumes } from './pod-security/image-volumes.ts';
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
  readonly #version: string | undefined;

  /** `version`: `1.35`; undefined: the first that has such policies without a feature gate. */
  constructor(objects: readonly KubeObject[], version: string | undefined) {
    this.#version = version;
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

  /** An object, and the pod that it makes, as the policies would see them; `bounds`: the LimitRanges that pods meet before. */
  verdictOn(object: KubeObject, bounds: Bounds | undefined): PolicyVerdict {
    if (!this.areThere) return nothing;
    const verdicts = this.#requests(this.#kept(object), bounds).flatMap((request) =>
      admissionVerdicts(request, this.#policies, this.#world),
    );
    // What is told of an object and of the pod that it makes is told once.
    const told = (is: AdmissionVerdict['is']) => {
      const all = verdicts
        .filter((one) => one.is === is)
        .flatMap(({ policy, messages }) => messages.map((text) => ({ policy, text })));
      return [...new Map(all.map((one) => [canonical(one), one])).values()];
    };
    return {
      refused: told('refused').map(violation),
      warned: told('warned').map(violation),
      unknowns: told('unknown').map(({ policy, text }) => `ValidatingAdmissionPolicy ${policy}: ${text}`),
    };
  }

  #kept(object: KubeObject): KubeObject {
    return leavesImageVolumesOut(this.#version) ? mapPodSpec(object, withoutImageVolumes) : object;
  }

  #requests(object: KubeObject, bounds: Bounds | undefined): readonly AdmissionRequest[] {
    const pod = podSeen(object, bounds);
    const [own, made] = object.kind === 'Pod' ? [pod ?? object, undefined] : [object, pod];
    const request = nameless(creationOf(own, this.#world));
    return made === undefined ? [request] : [request, byController(creationOf(made, this.#world))];
  }
}

const given = unknown('what makes the pod names it, and itself as its owner');

const generated = unknown('the API server makes the name');

/** The request for an object that leaves its name to the API server. */
function nameless(request: AdmissionRequest): AdmissionRequest {
  if (!isGeneratedName(request.name)) return request;
  const metadata = { ...objectAt(request.object, 'metadata'), name: generated };
  return { ...request, name: '', object: { ...objectAt(request.object), metadata } };
}

/** A pod as a controller sends it. */
function byController(request: AdmissionRequest): AdmissionRequest {
  const owner = { apiVersion: given, kind: given, name: given, uid: given, controller: true };
  const metadata = {
    ...objectAt(request.object, 'metadata'),
    name: given,
    generateName: given,
    ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
  };
  return { ...request, name: '', object: { ...objectAt(request.object), metadata } };
}

function violation({
  policy,
  text: sentence,
}: {
  readonly policy: string;
  readonly text: string;
}): Violation {
  const field = `ValidatingAdmissionPolicy ${policy}`;
  return { rule: 'TRY-SEC-062', sentence, field, places: [], decided: [], waivers: [] };
}

/** The Pod itself, or the one that an object makes. */
function podSeen(object: KubeObject, bounds: Bounds | undefined): KubeObject | undefined {
  const parts = podOf(object);
  if (parts === undefined) return undefined;
  const { spec, metadata } = bounds?.limited(parts) ?? parts;
  const { name, namespace } = object.metadata;
  const where = namespace === undefined ? { name } : { name, namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...where }, spec };
}
