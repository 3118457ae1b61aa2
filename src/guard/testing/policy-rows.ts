import {
  fromJson,
  newestMinor,
  perBinding,
  perExpression,
  type AccessAnswer,
  type AccessCheck,
} from '../../cel/index.ts';
import { Evaluator, expressionOf, type Result } from '../admission/expressions.ts';
import { isInScope, isResource, isRuleFor, matchOf, type Match } from '../admission/matching.ts';
import { names, type AdmissionRequest, type Equivalent } from '../admission/request.ts';
import { namespaceValue, requestValues } from '../admission/variables.ts';

/** Expressions of a policy with all that they read. */
export interface Conditions {
  readonly expressions: readonly string[];
  readonly request: AdmissionRequest;
  readonly params: unknown;
  readonly namespaceObject: unknown;
  readonly hasParams: boolean;
  readonly minor?: number | undefined;
  readonly limit?: number | undefined;
  readonly budget?: number | undefined;
  readonly ask: (check: AccessCheck) => AccessAnswer;
}

/** What the expressions gave, one after the other, and what of the budget is left; undefined where it ran out. */
export function runConditions(given: Conditions): {
  readonly results: readonly (Result | undefined)[];
  readonly remaining: number;
} {
  const { request, hasParams, minor = newestMinor, limit = perExpression, budget = perBinding } = given;
  const { kind, resource } = request;
  const values = new Map([
    ...requestValues({ request, kind, resource }),
    ['params', fromJson(given.params)],
    ['namespaceObject', namespaceValue(given.namespaceObject)],
  ] as const);
  const evaluator = new Evaluator(values, { ask: given.ask, budget, limit });
  const declared = { minor, hasParams, hasAuthorizer: true };
  const results: (Result | undefined)[] = [];
  for (const source of given.expressions) {
    const result = evaluator.result(expressionOf(source, declared));
    results.push(result);
    if (result === undefined) break;
  }
  return { results, remaining: evaluator.remaining };
}

/** Whether matchResources are about a request, with these equivalents, in a namespace without labels. */
export function runMatch(
  resources: unknown,
  request: AdmissionRequest,
  equivalents: readonly Equivalent[],
): Match {
  return matchOf(resources, request, { equivalents, namespaceLabels: {} });
}

/** Whether one part of a rule is about a request; the parts are called as in the rows. */
export const ruleParts: Readonly<Record<string, (rule: unknown, request: AdmissionRequest) => boolean>> = {
  ruleGroup: (rule, { resource }) => names(field(rule, 'apiGroups'), resource.group),
  ruleVersion: (rule, { resource }) => names(field(rule, 'apiVersions'), resource.version),
  ruleOperation: (rule, { operation }) => names(field(rule, 'operations'), operation),
  ruleResource: isResource,
  ruleScope: isInScope,
  rule: isRuleFor,
};

function field(rule: unknown, name: string): unknown {
  return Object.entries(rule ?? {}).find(([key]) => key === name)?.[1];
}

export type { AccessAnswer, AccessCheck, AdmissionRequest, Equivalent };
