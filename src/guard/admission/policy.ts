import { at, isObject, listAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { expressionOf, variablesOf, type Expression, type Variables } from './expressions.ts';

/** One thing that a policy demands. */
export interface Validation {
  readonly expression: Expression;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
}

/** A ValidatingAdmissionPolicy, compiled for a version of Kubernetes. */
export interface Policy {
  readonly name: string;
  readonly matchConstraints: unknown;
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly isIgnoring: boolean;
  readonly conditions: readonly Expression[];
  readonly variables: Variables;
  readonly validations: readonly Validation[];
  /** Why the API server of that version would not take it; empty when it would. */
  readonly problems: readonly string[];
}

const known = new WeakMap<KubeObject, Map<number, Policy>>();

/** Reads and compiles a ValidatingAdmissionPolicy; the same object is compiled once for each version. */
export function policyOf(object: KubeObject, minor: number): Policy {
  const versions = known.get(object) ?? new Map<number, Policy>();
  const policy = versions.get(minor) ?? compiled(object, minor);
  known.set(object, versions.set(minor, policy));
  return policy;
}

function compiled(object: KubeObject, minor: number): Policy {
  const spec = at(object, 'spec');
  const kind = at(spec, 'paramKind');
  const paramKind = isObject(kind)
    ? { apiVersion: stringAt(kind, 'apiVersion') ?? '', kind: stringAt(kind, 'kind') ?? '' }
    : undefined;
  const declared = { minor, hasParams: paramKind !== undefined, hasAuthorizer: true };
  const variables = variablesOf(
    listAt(spec, 'variables').map((one) => ({
      name: stringAt(one, 'name') ?? '',
      expression: stringAt(one, 'expression') ?? '',
    })),
    declared,
  );
  const whole = variables.types.size === 0 ? declared : { ...declared, variables: variables.types };
  const conditions = listAt(spec, 'matchConditions').map((one) =>
    expressionOf(sourceOf(one), { ...declared, type: 'bool' }),
  );
  const validations = listAt(spec, 'validations').map((one): Validation => {
    const message = stringAt(one, 'messageExpression');
    return {
      expression: expressionOf(sourceOf(one), { ...whole, type: 'bool' }),
      message: stringAt(one, 'message') ?? '',
      messageExpression:
        message === undefined || message === ''
          ? undefined
          : expressionOf(message, { ...whole, hasAuthorizer: false, type: 'string' }),
    };
  });
  const all = [
    ...conditions,
    ...variables.expressions.values(),
    ...validations.flatMap(({ expression, messageExpression }) =>
      [expression, messageExpression ?? []].flat(),
    ),
  ];
  return {
    name: object.metadata.name,
    matchConstraints: at(spec, 'matchConstraints'),
    paramKind,
    isIgnoring: stringAt(spec, 'failurePolicy') === 'Ignore',
    conditions,
    variables,
    validations,
    problems: all.flatMap(({ problem }) => problem ?? []),
  };
}

function sourceOf(one: unknown): string {
  return stringAt(one, 'expression') ?? '';
}
