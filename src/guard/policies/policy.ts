import { guardKind, labels } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';

const group = 'admissionregistration.k8s.io';

/** What a rule of a policy is about: resources of one API group, and how they change. */
export interface Matched {
  readonly group: string;
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
}

/** One question of a policy, and what is told when the answer is not true. */
export interface Validation {
  readonly expression: string;
  /** CEL that gives the sentence. */
  readonly says: string;
  /** Told where the sentence would be too long. */
  readonly briefly: string;
}

/** A ValidatingAdmissionPolicy as it is written here. */
export interface PolicyWish {
  readonly name: string;
  readonly hasGuard: boolean;
  /** Namespaces themselves and things without one; else only what is in namespaces with the mark of Toryo. */
  readonly isOfCluster?: true;
  readonly matches: readonly Matched[];
  readonly conditions: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly validations: readonly Validation[];
}

const marked = { [labels.managed]: 'true' } as const;

/**
 * The policy as an object: what cannot be evaluated is refused. The policy itself, and not only its bindings, leaves out namespaces
 * without the mark of Toryo: an API server that does not know the kind of Guards refuses whatever a policy matches before it looks at
 * bindings.
 */
export function policyObject(wish: PolicyWish): KubeObject {
  const { apiVersion, kind } = guardKind;
  return {
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: wish.name },
    spec: {
      failurePolicy: 'Fail',
      ...(wish.hasGuard ? { paramKind: { apiVersion, kind } } : {}),
      matchConstraints: {
        matchPolicy: 'Equivalent',
        // What the API server would write: what is said as it is stored needs no dry run to be known as unchanged.
        namespaceSelector: wish.isOfCluster ? {} : { matchLabels: marked },
        objectSelector: {},
        resourceRules: wish.matches.map(resourceRule),
      },
      matchConditions: expressions(wish.conditions),
      variables: expressions(wish.variables),
      validations: wish.validations.map(({ expression, says, briefly }) => ({
        expression,
        messageExpression: says,
        message: briefly,
        reason: 'Forbidden',
      })),
    },
  };
}

/** A resource rule as the API server reads it. */
export function resourceRule({ group: apiGroup, resources, operations }: Matched): unknown {
  return { apiGroups: [apiGroup], apiVersions: ['*'], operations, resources, scope: '*' };
}

/** Named expressions as the API server reads them. */
export function expressions(named: Readonly<Record<string, string>>): readonly unknown[] {
  return Object.entries(named).map(([name, expression]) => ({ name, expression }));
}

/** Where a policy holds, and what it does. */
export interface BindingWish {
  readonly policy: PolicyWish;
  /** Makes the binding's name, with the policy's. */
  readonly suffix: string;
  readonly guard?: string;
  /** Only this part of what the policy matches: what is new, or changes of what is there. */
  readonly only?: 'new' | 'changes';
  /** What happens when the Guard is gone; Deny where nothing is said. */
  readonly lost?: 'Allow' | 'Deny';
  readonly actions: readonly ('Deny' | 'Warn' | 'Audit')[];
  /** Of namespaces, besides the mark of Toryo. */
  readonly namespaces?: NamespaceSelector;
  /** Of the objects themselves: labels that they must have. */
  readonly marks?: Readonly<Record<string, string>>;
}

interface NamespaceSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** The binding as an object: namespaces without the mark of Toryo are never bound, so that a lost Guard stops nothing of the cluster's own. */
export function bindingObject(wish: BindingWish): KubeObject {
  const { policy, guard, marks, lost = 'Deny' } = wish;
  const rules = wish.only === undefined ? undefined : partOf(policy.matches, wish.only).map(resourceRule);
  const resources = {
    ...(rules === undefined ? {} : { resourceRules: rules }),
    ...(policy.isOfCluster ? {} : { namespaceSelector: selectorOf(wish.namespaces) }),
  };
  const objectSelector = marks === undefined ? {} : { matchLabels: marks };
  return {
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${policy.name}.${wish.suffix}` },
    spec: {
      policyName: policy.name,
      ...(guard === undefined ? {} : { paramRef: { name: guard, parameterNotFoundAction: lost } }),
      // Also where it says nothing: what is not written is nobody's, and who narrows it takes nothing from anybody.
      matchResources: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector,
        ...resources,
      },
      validationActions: wish.actions,
    },
  };
}

/** Namespaces with the mark of Toryo and whatever else is asked. */
export function selectorOf(namespaces: NamespaceSelector = {}): unknown {
  return { ...namespaces, matchLabels: { ...marked, ...namespaces.matchLabels } };
}

// A change of a subresource adds something: an ephemeral container.
function partOf(matches: readonly Matched[], part: 'new' | 'changes'): readonly Matched[] {
  return matches.flatMap((one) => {
    const isSubresource = one.resources.some((resource) => resource.includes('/'));
    if (isSubresource) return part === 'new' ? [one] : [];
    const operations = one.operations.filter(
      (operation) => operation === (part === 'new' ? 'CREATE' : 'UPDATE'),
    );
    return operations.length === 0 ? [] : [{ ...one, operations }];
  });
}
