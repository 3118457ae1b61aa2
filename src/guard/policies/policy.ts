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
  readonly matches: readonly Matched[];
  readonly conditions: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly validations: readonly Validation[];
}

/** The policy as an object: what cannot be evaluated is refused. */
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
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: wish.matches.map((one) => ({
          apiGroups: [one.group],
          apiVersions: ['*'],
          operations: one.operations,
          resources: one.resources,
          scope: '*',
        })),
      },
      matchConditions: Object.entries(wish.conditions).map(([name, expression]) => ({ name, expression })),
      variables: Object.entries(wish.variables).map(([name, expression]) => ({ name, expression })),
      validations: wish.validations.map(({ expression, says, briefly }) => ({
        expression,
        messageExpression: says,
        message: briefly,
        reason: 'Forbidden',
      })),
    },
  };
}

/** Where a policy holds, and what it does. */
export interface BindingWish {
  readonly policy: string;
  /** Makes the binding's name, with the policy's. */
  readonly suffix: string;
  readonly guard?: string;
  readonly actions: readonly ('Deny' | 'Warn' | 'Audit')[];
  /** Of namespaces, besides the mark of Toryo; undefined: the policy is about things without a namespace. */
  readonly namespaces?: NamespaceSelector | undefined;
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
  const { namespaces, marks } = wish;
  const selector =
    namespaces === undefined
      ? {}
      : {
          matchResources: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {
              ...namespaces,
              matchLabels: { [labels.managed]: 'true', ...namespaces.matchLabels },
            },
            objectSelector: marks === undefined ? {} : { matchLabels: marks },
          },
        };
  return {
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${wish.policy}.${wish.suffix}` },
    spec: {
      policyName: wish.policy,
      ...(wish.guard === undefined
        ? {}
        : { paramRef: { name: wish.guard, parameterNotFoundAction: 'Deny' } }),
      ...selector,
      validationActions: wish.actions,
    },
  };
}
