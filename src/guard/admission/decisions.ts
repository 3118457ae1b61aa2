import { encoded, perBinding, perConditions, type CallScope, type Value } from '../../cel/index.ts';
import { Evaluator, outOfBudget, type Result } from './expressions.ts';
import type { Policy, Validation } from './policy.ts';

/** What a policy says of a request with one set of parameters. */
export interface Decisions {
  /** What is refused, in the order of the validations. */
  readonly refusals: readonly string[];
  /** What could not be decided, and why. */
  readonly unknowns: readonly string[];
}

const nothing: Decisions = { refusals: [], unknowns: [] };
const longestMessage = 5 * 1024;

/**
 * Evaluates a policy (k8s.io/apiserver pkg/admission/plugin/policy/validating/validator.go). An error is a refusal, unless the
 * policy ignores errors.
 */
export function decisionsOf(
  policy: Policy,
  values: ReadonlyMap<string, Value>,
  ask: CallScope['ask'],
): Decisions {
  const conditions = conditionsMet(policy, new Evaluator(values, { ask, budget: perConditions }));
  if (conditions !== true) return conditions;
  const evaluator = new Evaluator(values, { ask, budget: perBinding }, policy.variables);
  const results = policy.validations.map(({ expression }) => evaluator.result(expression));
  if (results.includes(undefined)) return onError(policy, outOfBudget);
  const open = new Map([...values].filter(([name]) => !name.startsWith('authorizer')));
  const messages = new Evaluator(open, { ask, budget: evaluator.remaining }, policy.variables);
  const refusals: string[] = [];
  const unknowns: string[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const told = messageOf(validation, messages);
    if (result.is === 'unknown') unknowns.push(`${validation.expression.source}: ${result.why}`);
    else if (result.is === 'error') refusals.push(...onError(policy, result.message).refusals);
    else if (result.value !== true) refusals.push(told);
  }
  return { refusals, unknowns };
}

function onError({ isIgnoring }: Policy, message: string): Decisions {
  return isIgnoring ? nothing : { ...nothing, refusals: [message] };
}

/** A condition that is false means the policy has nothing to say, whatever the others give. */
function conditionsMet(policy: Policy, evaluator: Evaluator): true | Decisions {
  const results = policy.conditions.map((one) => evaluator.result(one));
  if (results.some((result) => result?.is === 'value' && result.value === false)) return nothing;
  if (results.includes(undefined)) return onError(policy, outOfBudget);
  const unknowns = policy.conditions.flatMap(({ source }, index) => {
    const result = results[index];
    return result?.is === 'unknown' ? [`${source}: ${result.why}`] : [];
  });
  if (unknowns.length > 0) return { refusals: [], unknowns };
  const errors = results.flatMap((result) => (result?.is === 'error' ? [result.message] : []));
  if (errors.length === 0) return true;
  return onError(policy, errors.length === 1 ? errors.join('') : `[${errors.join(', ')}]`);
}

function messageOf({ expression, message, messageExpression }: Validation, evaluator: Evaluator): string {
  const result = messageExpression === undefined ? undefined : evaluator.result(messageExpression);
  const own = computed(result);
  if (own !== '') return own;
  const plain = message.trim();
  return plain === '' ? `failed expression: ${expression.source.trim()}` : plain;
}

/** What a messageExpression gave, when it may be used: one line, not too long. */
function computed(result: Result | undefined): string {
  if (result?.is !== 'value' || typeof result.value !== 'string') return '';
  const text = result.value.trim();
  return text.includes('\n') || encoded(text).length > longestMessage ? '' : text;
}
