/**
 * cel: the expressions of Kubernetes' policies. In: text, what its names mean, values. Out: the mistakes of an expression, or its value, what it
 * cost, or why it is unknown. Pure; it knows nothing of policies.
 */
export { perBinding, perConditions, perExpression } from './cost.ts';
export type { AccessAnswer, AccessCheck, CallScope } from './declaration.ts';
export { environment, newestMinor, type Environment, type Fields } from './environment.ts';
export { Lazy } from './evaluator.ts';
export { Question } from './functions/authorizer.ts';
export { labelProblems, nameProblems } from './functions/named-format.ts';
export { compile, evaluate, type Program } from './program.ts';
export { encoded } from './token.ts';
export { dyn, listOf, mapOf, simple, type Type } from './type.ts';
export { CelError, CelMap, failed, fromJson, unknown, type Value } from './value.ts';
