/**
 * objects: what a Kubernetes object means. In: objects as JSON. Out: identity, scope, order, references, difference, health.
 * Pure: it never asks a server.
 */
export * from './manifest.ts';
export * from './ownership.ts';
export * from './pods.ts';
export * from './scope.ts';
export * from './difference.ts';
export * from './health.ts';
export * from './order.ts';
export * from './schema-check.ts';
