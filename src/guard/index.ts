/**
 * guard: what a pod may be. In: SecurityProfiles. Out: Pod Security levels. Pure.
 */
export * from './pod-security.ts';
