import { fromJson, unknown, type Value } from '../../cel/index.ts';
import { at, isObject, listAt, objectAt, stringAt, stringsAt } from '../../lib/index.ts';
import { groupOf, type KubeObject } from '../../objects/index.ts';
import { decisionsOf, type Decisions } from './decisions.ts';
import { matchOf, namespaceLabels, type Match, type MatchContext } from './matching.ts';
import { paramsOf } from './params.ts';
import { policyOf, type Policy } from './policy.ts';
import { equivalentsOf, namespaceOf, type AdmissionRequest, type AdmissionWorld } from './request.ts';
import { namespaceValue, requestValues } from './variables.ts';

/**
 * What one policy says of a request through one binding. `messages` are, for refused, what the API server answers (the first) and
 * what else it would refuse; for warned, the warnings; for allowed, what goes to the audit log; for unknown, why.
 */
export interface AdmissionVerdict {
  readonly policy: string;
  readonly binding?: string;
  readonly is: 'allowed' | 'refused' | 'warned' | 'unknown';
  readonly messages: readonly string[];
}

const group = 'admissionregistration.k8s.io';

/** Kinds that no such policy is ever asked about. */
const exempt: ReadonlySet<string> = new Set([
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/**
 * The verdict of each ValidatingAdmissionPolicy and binding that is about a request, in the words of the API server; a second one,
 * unknown, of what could not be evaluated beside a refusal or a warning. `policies` may hold other objects too; a policy without a
 * binding says nothing.
 */
export function admissionVerdicts(
  request: AdmissionRequest,
  policies: readonly KubeObject[],
  world: AdmissionWorld,
): readonly AdmissionVerdict[] {
  if (request.resource.group === group && exempt.has(request.resource.resource)) return [];
  const admission = new Admission(request, world);
  const bindings = ofKind(policies, 'ValidatingAdmissionPolicyBinding');
  return ofKind(policies, 'ValidatingAdmissionPolicy').flatMap((object) => {
    const own = bindings.filter((one) => stringAt(one, 'spec', 'policyName') === object.metadata.name);
    return own.length === 0 ? [] : admission.verdicts(object, own);
  });
}

function ofKind(objects: readonly KubeObject[], kind: string): readonly KubeObject[] {
  return objects.filter((one) => one.kind === kind && groupOf(one.apiVersion) === group);
}

/** What the API server puts into the matchResources of policies and bindings. */
const matchDefaults = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const;

class Admission {
  readonly #request: AdmissionRequest;
  readonly #world: AdmissionWorld;
  readonly #context: MatchContext;
  readonly #namespace: KubeObject | undefined;
  readonly #known = new Map<string, ReadonlyMap<string, Value>>();

  constructor(request: AdmissionRequest, world: AdmissionWorld) {
    this.#request = request;
    this.#world = world;
    const isNamespace = request.resource.resource === 'namespaces';
    this.#namespace = isNamespace ? undefined : servedNamespace(request.namespace, world);
    this.#context = {
      equivalents: equivalentsOf(request.resource, world.objects),
      namespaceLabels: namespaceLabels(this.#namespace),
    };
  }

  verdicts(object: KubeObject, bindings: readonly KubeObject[]): readonly AdmissionVerdict[] {
    const { name } = object.metadata;
    const match = this.#match(at(object, 'spec', 'matchConstraints'));
    if (match.is === 'no') return [];
    const isIgnoring = stringAt(object, 'spec', 'failurePolicy') === 'Ignore';
    if (match.is === 'error')
      return isIgnoring ? [] : [{ policy: name, is: 'refused', messages: [policyText(name, match.message)] }];
    if (match.is === 'unknown') return [{ policy: name, is: 'unknown', messages: [match.why] }];
    // A new policy may use only what the version before has, so that the cluster can be set back.
    const policy = policyOf(object, this.#world.minor - 1);
    return bindings.flatMap((binding) => this.#bound(policy, binding, match));
  }

  #match(resources: unknown): Match {
    return matchOf({ ...matchDefaults, ...objectAt(resources) }, this.#request, this.#context);
  }

  #bound(
    policy: Policy,
    binding: KubeObject,
    match: Extract<Match, { is: 'yes' }>,
  ): readonly AdmissionVerdict[] {
    const names = { policy: policy.name, binding: binding.metadata.name };
    const resources = at(binding, 'spec', 'matchResources');
    const bound = resources === undefined ? match : this.#match(resources);
    if (bound.is === 'no') return [];
    if (bound.is === 'error') return misconfigured(policy, binding, bound.message);
    if (bound.is === 'unknown') return [{ ...names, is: 'unknown', messages: [bound.why] }];
    if (match.isConverted) {
      const { version, group: other } = match.resource;
      const why = `the API server converts the object to ${other}/${version} for this policy`;
      return [{ ...names, is: 'unknown', messages: [why] }];
    }
    if (policy.problems.length > 0) {
      const what = `the policy does not compile on Kubernetes 1.${this.#world.minor}`;
      return [{ ...names, is: 'unknown', messages: policy.problems.map((one) => `${what}: ${one}`) }];
    }
    return this.#evaluated(policy, binding, match);
  }

  #evaluated(
    policy: Policy,
    binding: KubeObject,
    match: Extract<Match, { is: 'yes' }>,
  ): readonly AdmissionVerdict[] {
    const params = paramsOf(policy, at(binding, 'spec', 'paramRef'), this.#request, this.#world);
    if (params.is === 'error') return misconfigured(policy, binding, params.message);
    if (params.is === 'unknown')
      return [{ policy: policy.name, binding: binding.metadata.name, is: 'unknown', messages: [params.why] }];
    const values = this.#values(match);
    const ask = this.#world.ask ?? (() => undefined);
    const all = params.list.map((one) =>
      decisionsOf(policy, new Map([...values, ['params', fromJson(one)]]), ask),
    );
    const together: Decisions = {
      refusals: all.flatMap(({ refusals }) => refusals),
      unknowns: all.flatMap(({ unknowns }) => unknowns),
    };
    return verdictsOf(policy, binding, together);
  }

  /** The same for all policies that take the request as the same kind. */
  #values({ kind, resource }: Extract<Match, { is: 'yes' }>): ReadonlyMap<string, Value> {
    const key = `${kind.group}/${kind.version}/${kind.kind}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const object = this.#taken(this.#request.object, kind);
    const oldObject = this.#taken(this.#request.oldObject, kind);
    const values = requestValues({ request: { ...this.#request, object, oldObject }, kind, resource });
    const all = new Map([...values, ['namespaceObject', this.#namespaceValue()] as const]);
    this.#known.set(key, all);
    return all;
  }

  /** Under another version of a kind that needs no conversion, only the version's name differs. */
  #taken(object: unknown, { group: own, version }: Extract<Match, { is: 'yes' }>['kind']): unknown {
    if (!isObject(object) || object['apiVersion'] === undefined) return object;
    return { ...object, apiVersion: own === '' ? version : `${own}/${version}` };
  }

  #namespaceValue(): Value {
    const { namespace, resource } = this.#request;
    if (namespace === '' || resource.resource === 'namespaces') return null;
    if (this.#namespace !== undefined) return namespaceValue(this.#namespace);
    return unknown(`namespace ${namespace} is not among the objects`);
  }
}

/** A Namespace with what the API server puts into each. */
function servedNamespace(name: string, { objects }: AdmissionWorld): KubeObject | undefined {
  const object = namespaceOf(name, objects);
  if (object === undefined) return undefined;
  const labels = { ...stringsAt(object, 'metadata', 'labels'), 'kubernetes.io/metadata.name': name };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { finalizers: ['kubernetes'], ...objectAt(object, 'spec') },
    status: { phase: 'Active', ...objectAt(object, 'status') },
  };
}

function misconfigured(policy: Policy, binding: KubeObject, message: string): readonly AdmissionVerdict[] {
  if (policy.isIgnoring) return [];
  const text = denialText(policy.name, binding.metadata.name, `failed to configure binding: ${message}`);
  return [{ policy: policy.name, binding: binding.metadata.name, is: 'refused', messages: [text] }];
}

function policyText(policy: string, message: string): string {
  return `ValidatingAdmissionPolicy '${policy}' denied request: failed to configure policy: ${message}`;
}

function denialText(policy: string, binding: string, message: string): string {
  return `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
}

function warningText(policy: string, binding: string, message: string): string {
  return `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`;
}

/** What is refused or warned of, and what could not be evaluated beside it: the worse first. */
function verdictsOf(
  policy: Policy,
  binding: KubeObject,
  { refusals, unknowns }: Decisions,
): readonly AdmissionVerdict[] {
  const names = { policy: policy.name, binding: binding.metadata.name };
  const actions = new Set(listAt(binding, 'spec', 'validationActions'));
  const say = actions.has('Deny') ? denialText : warningText;
  const messages = refusals.map((one) => say(names.policy, names.binding, one));
  const unknown = { ...names, is: 'unknown', messages: unknowns } as const;
  const open = unknowns.length > 0 ? [unknown] : [];
  if (refusals.length > 0 && actions.has('Deny')) return [{ ...names, is: 'refused', messages }, ...open];
  if (refusals.length > 0 && actions.has('Warn')) return [...open, { ...names, is: 'warned', messages }];
  return open.length > 0 ? open : [{ ...names, is: 'allowed', messages: refusals }];
}
