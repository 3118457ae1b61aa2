// Part of npm run bench:guard: the difference that a change makes to who may do what, of 1,000 bindings on one cluster.
import { defaultAccess } from '../src/catalog/index.ts';
import { accessDiff, accessSentences, grantsOf, relationOf, type AccessDiff } from '../src/guard/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { median } from './median.ts';

const count = 1000;
const wanted = 1000;
const group = 'rbac.authorization.k8s.io';
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const kinds = ['configmaps', 'pods', 'pods/log', 'secrets', 'services', 'deployments', 'jobs', 'ingresses'];

/** A role of ten rules over eight resources each: 640 single rights. */
function role(name: string, version: number): KubeObject {
  const rules = Array.from({ length: 10 }, (_, index) => ({
    apiGroups: [`group-${(index + version) % 12}.example.com`],
    resources: kinds.map((kind) => `${kind}${index % 3}`),
    verbs,
  }));
  return { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
}

function binding(index: number, bound: string): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: { name: `b-${index}`, namespace: `team-${index % 250}` },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: bound },
    subjects: [{ apiGroup: group, kind: 'Group', name: `group-${index % 300}` }],
  };
}

/** A fleet's bindings to few roles; in the second version each tenth is to another role, and one role is another. */
function usual(version: number): readonly KubeObject[] {
  const roles = Array.from({ length: 8 }, (_, index) => role(`role-${index}`, index === 3 ? version : 0));
  const bindings = Array.from({ length: count }, (_, index) =>
    binding(index, `role-${(index + (index % 10 === 0 ? version : 0)) % 8}`),
  );
  return [...roles, ...bindings];
}

/** A role for each binding, all of them changed. */
function worst(version: number): readonly KubeObject[] {
  return Array.from({ length: count }, (_, index) => [
    role(`role-${index}`, index + version),
    binding(index, `role-${index}`),
  ]).flat();
}

function diff(before: readonly KubeObject[], after: readonly KubeObject[]): AccessDiff {
  const given = defaultAccess('1.35');
  return accessDiff(relationOf([grantsOf(before, given)]), relationOf([grantsOf(after, given)]));
}

/** Prints one figure for each of the two. */
export function benchAccess(): void {
  for (const [what, make] of Object.entries({
    'few roles, a tenth rebound': usual,
    'a role each, all changed': worst,
  })) {
    const [before, after] = [make(0), make(1)];
    let sentences = 0;
    const runs = Array.from({ length: 5 }, () => {
      const processor = process.cpuUsage();
      const begun = performance.now();
      sentences = accessSentences(diff(before, after)).length;
      const { user, system } = process.cpuUsage(processor);
      return { wall: performance.now() - begun, processor: (user + system) / 1000 };
    });
    if (sentences === 0) throw new Error('something should be gained');
    const middle = median(runs.map((run) => run.wall));
    const processor = median(runs.map((run) => run.processor));
    console.log(
      `access diff, ${count} bindings (${what}): ${middle.toFixed(0)} ms, ${sentences} sentences (processor ${processor.toFixed(0)} ms, slowest ${Math.max(...runs.map((run) => run.wall)).toFixed(0)} ms); wanted under ${wanted} ms: ${middle < wanted ? 'met' : 'MISSED'}`,
    );
  }
}
