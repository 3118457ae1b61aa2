import { labels, stringAt, stringsAt } from '../lib/index.ts';
import {
  makesPods,
  podOf,
  podSpecOf,
  podSpecPath,
  type KubeObject,
  type PodParts,
} from '../objects/index.ts';
import { Bounds } from './bounds.ts';
import type { LimitDefault } from './limits/defaults.ts';
import type { QuotaAnswer } from './limits/quota.ts';
import { groundOf } from './limits/stored-pod.ts';
import { admittedPod } from './pod-security/admitted-pod.ts';
import { hasImageVolumes, leavesImageVolumesOut } from './pod-security/image-volumes.ts';
import {
  podSecurityMessage,
  podSecurityViolations,
  type PodSecurityPolicy,
} from './pod-security/evaluation.ts';
import { podSecurityFixes } from './pod-security/fixes.ts';
import { OwnPolicies } from './own-policies.ts';
import { podSecurityLevels } from './pod-security/profile-level.ts';
import { guardSpecsOf, type GuardSpec } from './policies/guard.ts';
import { heldPod } from './profile/evaluation.ts';
import { daemonViolations, serviceViolations } from './service-types.ts';
import { shapeMistakes } from './shape/shape.ts';
import type { DecidingField, Violation } from './violation.ts';

/** What is to be said of one object before it is sent. */
export interface Verdict<Broken = Violation> {
  readonly outcome: 'allowed' | 'refused' | 'unknown';
  readonly violations: readonly Broken[];
  /** What a profile that is only tried would refuse. */
  readonly tried: readonly Broken[];
  /** What a Waiver lets in, under the profile that holds or under one that is only tried. */
  readonly waived: readonly Broken[];
  /** Requests and limits that its containers do not say and get from LimitRanges. */
  readonly defaults: readonly LimitDefault[];
  /** What could not be said, and why. */
  readonly unknowns: readonly string[];
}

/** What holds in the namespaces of one cluster, read from its Namespaces and Guards. */
export class Guards {
  readonly #namespaces = new Map<string, KubeObject>();
  readonly #specs: ReadonlyMap<string, GuardSpec>;
  readonly #bounds: ReadonlyMap<string, Bounds>;
  readonly #version: string | undefined;
  readonly #policies: OwnPolicies;

  /** `version`: `1.35`, of the cluster's API server; undefined when it is not known. */
  constructor(objects: readonly KubeObject[], version: string | undefined) {
    this.#version = version;
    this.#policies = new OwnPolicies(objects, version);
    const spaces = Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? '');
    const ground = groundOf(objects, version);
    this.#bounds = new Map([...spaces].map(([name, all]) => [name, new Bounds(all, ground)]));
    for (const object of objects) {
      if (object.kind === 'Namespace') this.#namespaces.set(object.metadata.name, object);
    }
    this.#specs = guardSpecsOf(objects);
  }

  /** True for objects that there may be something to say of. */
  isAbout(object: KubeObject): boolean {
    return (
      this.#policies.areThere ||
      makesPods(object) ||
      (object.kind === 'Service' && object.apiVersion === 'v1') ||
      this.#bounds.get(object.metadata.namespace ?? '')?.isAbout(object) === true
    );
  }

  /** True when the namespace is one of the cluster's. */
  knows(namespace: string | undefined): boolean {
    return namespace !== undefined && this.#namespaces.has(namespace);
  }

  /** What all that is to be in each namespace needs of its quotas. */
  quotas(): readonly { readonly namespace: string; readonly answer: QuotaAnswer }[] {
    return [...this.#bounds].flatMap(([namespace, bounds]) =>
      namespace === '' ? [] : bounds.quotas.map((answer) => ({ namespace, answer })),
    );
  }

  /** What the API server would say of an object: Pod Security, profiles, LimitRanges and quotas. Nothing can be said of what it would not read. */
  verdictOn(object: KubeObject): Verdict {
    const unreadable = shapeMistakes(object, this.#version);
    if (unreadable.length > 0) return unknownVerdict(...unreadable.map(({ sentence }) => sentence));
    const { namespace } = object.metadata;
    const space = namespace === undefined ? undefined : this.#namespaces.get(namespace);
    if (space === undefined) return this.#policyVerdict(object);
    const marks = stringsAt(space, 'metadata', 'labels');
    const unknowns: string[] = [];
    const guard = this.#guard(marks[labels.guard], unknowns);
    const trial = this.#guard(marks[labels.trial], unknowns);
    const assigned = (account: string): DecidingField => assignment(space, guard, account);
    const found = refusals(object, guard, assigned, this.#version);
    const tried = refusals(object, trial, () => inNamespace(space, 'trial', 'profile'), this.#version);
    unknowns.push(...this.#ifImagesStay(object, guard, found));
    const { violations, defaults } = this.#bounded(object);
    const own = this.#policies.verdictOn(object, this.#bounds.get(namespace ?? ''));
    return verdict({
      violations: [
        ...this.#podSecurity(object, space, guard),
        ...daemonViolations(object, marks),
        ...found.filter(isRefusal),
        ...violations,
        ...own.refused,
      ],
      defaults,
      waived: [...found, ...tried].filter((one) => !isRefusal(one)),
      tried: [...tried.filter(isRefusal), ...own.warned],
      unknowns: [...unknowns, ...own.unknowns],
    });
  }

  /** Of what is in no namespace of these objects. */
  #policyVerdict(object: KubeObject): Verdict {
    const { refused, warned, unknowns } = this.#policies.verdictOn(object, undefined);
    return verdict({ violations: refused, tried: warned, unknowns });
  }

  #bounded(object: KubeObject): Pick<Verdict, 'violations' | 'defaults'> {
    const bounds = this.#bounds.get(object.metadata.namespace ?? '');
    const pod = podOf(object);
    if (bounds === undefined) return { violations: [], defaults: [] };
    return {
      violations: bounds.violations(object),
      defaults: pod === undefined ? [] : bounds.defaults(pod),
    };
  }

  #guard(name: string | undefined, unknowns: string[]): GuardSpec | undefined {
    if (name === undefined) return undefined;
    const spec = this.#specs.get(name);
    if (spec === undefined) unknowns.push(`Guard ${name} is not among the objects`);
    return spec;
  }

  /** What is refused once the cluster keeps volumes from images, which no fleet says of an old one. */
  #ifImagesStay(
    object: KubeObject,
    guard: GuardSpec | undefined,
    found: readonly Violation[],
  ): readonly string[] {
    if (!leavesImageVolumesOut(this.#version) || !hasImageVolumes(podSpecOf(object))) return [];
    const known = new Set(found.map(({ sentence }) => sentence));
    return refusals(object, guard, () => ({ of: 'Namespace', name: '', path: [] }), undefined)
      .filter((one) => isRefusal(one) && !known.has(one.sentence))
      .map(
        ({ sentence }) =>
          `Kubernetes ${this.#version ?? ''} leaves volumes from images out of pods; where its feature ImageVolume is on: ${sentence}`,
      );
  }

  #podSecurity(object: KubeObject, space: KubeObject, guard: GuardSpec | undefined): readonly Violation[] {
    const marks = stringsAt(space, 'metadata', 'labels');
    const level = podSecurityLevels.find((one) => one === marks['pod-security.kubernetes.io/enforce']);
    const pod = admittedPod(object, this.#version);
    if (level === undefined || pod === undefined) return [];
    const version = marks['pod-security.kubernetes.io/enforce-version'] ?? 'latest';
    const policy: PodSecurityPolicy = { level, version, server: this.#version };
    const broken = podSecurityViolations(pod, policy);
    if (broken.length === 0) return [];
    const base = podSpecPath(object) ?? [];
    const places = [{ path: base, actual: broken.map(({ control }) => control).join(', ') }];
    const wanted = podSecurityFixes(
      pod,
      broken.map(({ control }) => control),
    );
    const fixes = wanted.map((one) => ({ ...one, path: [...base, ...one.path] }));
    const sentence = podSecurityMessage(broken, policy);
    const decided = [assignment(space, guard, accountOf(pod))];
    return [{ rule: 'TRY-SEC-001', sentence, field: '', places, fixes, decided, waivers: [] }];
  }
}

/** The verdict of what cannot be judged. */
export function unknownVerdict(...unknowns: readonly string[]): Verdict {
  return verdict({ unknowns });
}

function verdict(parts: Partial<Omit<Verdict, 'outcome'>>): Verdict {
  const { violations = [], tried = [], waived = [], defaults = [], unknowns = [] } = parts;
  const outcome = violations.length > 0 ? 'refused' : unknowns.length > 0 ? 'unknown' : 'allowed';
  return { outcome, violations, tried, waived, defaults, unknowns };
}

/** The service account that a pod runs as. */
export function accountOf(pod: Pick<PodParts, 'spec'>): string {
  const name = stringAt(pod.spec, 'serviceAccountName') ?? stringAt(pod.spec, 'serviceAccount') ?? '';
  return name === '' ? 'default' : name;
}

function isRefusal({ waivers }: Violation): boolean {
  return waivers.length === 0;
}

function inNamespace({ metadata }: KubeObject, ...path: readonly string[]): DecidingField {
  return { of: 'Namespace', name: metadata.name, path };
}

/** What gives a service account its profile: a word about it, or the one for the whole namespace. */
function assignment(space: KubeObject, guard: GuardSpec | undefined, account: string): DecidingField {
  const isOwn = guard?.serviceAccounts.some(({ name }) => name === account) === true;
  return isOwn ? inNamespace(space, 'serviceAccounts', account) : inNamespace(space, 'profile');
}

/** What an object breaks of a Guard, or would without its Waivers; `assigned` says why the Guard's profile holds for an account. */
function refusals(
  object: KubeObject,
  guard: GuardSpec | undefined,
  assigned: (account: string) => DecidingField,
  version: string | undefined,
): readonly Violation[] {
  if (guard === undefined) return [];
  const pod = admittedPod(object, version);
  if (pod === undefined) return serviceViolations(object, guard);
  const account = accountOf(pod);
  const profile = guard.serviceAccounts.find(({ name }) => name === account)?.profile ?? guard.profile;
  const rules = guard.profiles.find(({ name }) => name === profile);
  if (rules === undefined) return [];
  const waivers = guard.waivers.filter((one) => one.serviceAccount === '' || one.serviceAccount === account);
  const base = podSpecPath(object) ?? [];
  const { broken, waived } = heldPod(pod, rules, waivers);
  return [...broken.map((one) => ({ ...one, waivers: [] })), ...waived].map((one) => {
    const fields = [...new Set(one.offences.map(({ field }) => field ?? one.rule.field))];
    return {
      rule: one.rule.code,
      sentence: one.sentence,
      field: fields.join(', '),
      places: one.offences.map(({ path, annotation, actual, fix }) => ({
        path:
          annotation === undefined
            ? [...base, ...path]
            : [...base.slice(0, -1), 'metadata', 'annotations', annotation],
        actual,
        fix,
      })),
      decided: [
        ...fields.map((field) => ({ of: 'SecurityProfile' as const, name: profile, path: field.split('.') })),
        assigned(account),
      ],
      waivers: one.waivers,
    };
  });
}
