import type { KubeObject } from '../../../src/objects/index.ts';

const group = 'rbac.authorization.k8s.io';

/** The same choices from the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 4_294_967_296) * limit);
  }

  one<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  /** The second value once in so many times. */
  mostly<A, B>(times: number, usual: A, other: B): A | B {
    return this.below(times) === 0 ? other : usual;
  }

  some<T>(all: readonly T[], most: number): readonly T[] {
    return Array.from({ length: 1 + this.below(most) }, () => this.one(all));
  }
}

/** Words of rules and questions: some belong together, some are odd on purpose. */
export const words = {
  namespaces: ['t-a', 't-b', 't-c', 'shop-web'],
  verbs: [
    'get',
    'list',
    'watch',
    'create',
    'update',
    'patch',
    'delete',
    'deletecollection',
    'bind',
    'use',
    'GET',
    'frob',
  ],
  groups: ['', 'apps', 'batch', 'example.com'],
  resources: ['pods', 'secrets', 'deployments', 'widgets', 'configmaps', 'nodes', 'users', 'serviceaccounts'],
  subresources: ['exec', 'scale', 'status', 'token', 'log', '*', 'exec/more'],
  names: ['a', 'b', 'web', 'all'],
  paths: [
    '/healthz',
    '/api',
    '/api/v1',
    '/apis/',
    '/metrics',
    '/metrics/slis',
    '/x',
    '/x*',
    '/x**',
    '/',
    '*',
    '',
  ],
  users: [
    'ann',
    'bob',
    'system:serviceaccount:t-a:runner',
    'system:serviceaccount:t-b:runner',
    'system:node:n1',
    'a*',
    '',
  ],
  userGroups: [
    'shop:dev',
    'shop:ops',
    'system:authenticated',
    'system:unauthenticated',
    'system:serviceaccounts',
    'system:serviceaccounts:t-a',
    'system:monitoring',
    'system:masters',
  ],
} as const;

const ruleResources = [
  ...words.resources,
  ...words.resources,
  'pods/exec',
  'pods/*',
  'pods/*',
  'deployments/*',
  'deployments/scale',
  'widgets/status',
  'pods/exec/more',
  '*/exec/more',
  '*/scale',
  '*/*',
  '*/status',
  '*',
];
const ruleUrls = ['/healthz', '/api*', '/api/*', '/apis/', '/metrics*', '/x**', '/x', '*'];

function ruleOf(dice: Dice, isCluster: boolean): object {
  const verbs = dice.below(8) === 0 ? ['*'] : dice.some(words.verbs, 4);
  if (isCluster && dice.below(4) === 0)
    return { verbs, nonResourceURLs: dice.some(ruleUrls.slice(0, dice.below(6) === 0 ? 8 : 7), 2) };
  const names = dice.below(3) === 0 ? { resourceNames: dice.some([...words.names, ''], 2) } : {};
  const apiGroups = dice.below(6) === 0 ? ['*'] : dice.some(words.groups, 2);
  return { verbs, apiGroups, resources: dice.some(ruleResources, 3), ...names };
}

function role(
  kind: string,
  metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object },
  more: object,
): KubeObject {
  return { apiVersion: `${group}/v1`, kind, metadata: metadata as KubeObject['metadata'], ...more };
}

/** Some twenty roles, eight of them aggregated: by labels, by expressions, in a chain and in a ring. */
function rolesOf(dice: Dice): readonly KubeObject[] {
  const labels = (index: number): object => ({
    'x/part': `p${index % 4}`,
    ...(index % 3 === 0 ? { 'x/odd': '' } : {}),
  });
  const cluster = Array.from({ length: 10 }, (_, index) =>
    role(
      'ClusterRole',
      { name: `c-${index}`, labels: labels(index) },
      { rules: [ruleOf(dice, true), ruleOf(dice, true)] },
    ),
  );
  const own = Array.from({ length: 8 }, (_, index) =>
    role(
      'Role',
      { name: `r-${index}`, namespace: words.namespaces[index % 4]! },
      { rules: [ruleOf(dice, false), ruleOf(dice, false)] },
    ),
  );
  const aggregated = (name: string, joins: object, ...clusterRoleSelectors: readonly object[]): KubeObject =>
    role('ClusterRole', { name, labels: joins }, { aggregationRule: { clusterRoleSelectors } });
  const isIn = (...values: readonly string[]): object => ({
    matchExpressions: [{ key: 'x/part', operator: 'In', values }],
  });
  return [
    ...cluster,
    ...own,
    aggregated('agg-label', { 'x/up': 'yes' }, { matchLabels: { 'x/part': 'p0' } }),
    aggregated('agg-two', {}, { matchLabels: { 'x/part': 'p1' } }, isIn('p2')),
    aggregated(
      'agg-odd',
      {},
      {
        matchExpressions: [
          { key: 'x/odd', operator: 'Exists' },
          { key: 'x/part', operator: 'NotIn', values: ['p0'] },
        ],
      },
    ),
    aggregated('agg-chain', {}, { matchLabels: { 'x/up': 'yes' } }),
    aggregated('agg-ring-a', { 'x/ring': 'a' }, { matchLabels: { 'x/ring': 'b' } }, isIn('p3')),
    aggregated('agg-ring-b', { 'x/ring': 'b' }, { matchLabels: { 'x/ring': 'a' } }),
    aggregated('agg-none', {}, { matchLabels: { 'x/part': 'nobody' } }),
  ];
}

/** Forty bindings of roles that exist, of Kubernetes' own, and of some that do not exist. */
function bindingsOf(dice: Dice, roles: readonly KubeObject[]): readonly KubeObject[] {
  const clusterRoles = roles.filter((one) => one.kind === 'ClusterRole').map((one) => one.metadata.name);
  const names = [...clusterRoles, 'view', 'edit', 'admin', 'system:auth-delegator', 'toryo:edit', 'missing'];
  const rbac = { apiGroup: group };
  return Array.from({ length: 40 }, (_, index) => {
    const namespace = dice.one(words.namespaces);
    const isCluster = index % 3 === 0;
    // Each role is bound at least once.
    const bound = names[(index - Math.floor((index + 1) / 3)) % names.length]!;
    const subjects = [
      ...dice.some(words.users.slice(0, 5), 2).map((name) => ({ ...rbac, kind: 'User', name })),
      ...dice.some(words.userGroups.slice(0, 2), 1).map((name) => ({ ...rbac, kind: 'Group', name })),
      ...(index % 5 === 0 ? [{ ...rbac, kind: 'Group', name: dice.one(words.userGroups) }] : []),
      { kind: 'ServiceAccount', namespace: dice.one(['t-a', 't-b']), name: 'runner' },
      ...(isCluster ? [] : [{ kind: 'ServiceAccount', name: 'runner' }]),
    ].slice(0, 1 + dice.below(5));
    if (isCluster)
      return role(
        'ClusterRoleBinding',
        { name: `b-${index}` },
        { subjects, roleRef: { ...rbac, kind: 'ClusterRole', name: bound } },
      );
    const isOwn = index % 3 === 1;
    const roleRef = isOwn
      ? { kind: 'Role', name: `r-${dice.below(9)}` }
      : { kind: 'ClusterRole', name: bound };
    return role(
      'RoleBinding',
      { name: `b-${index}`, namespace },
      { subjects, roleRef: { ...rbac, ...roleRef } },
    );
  });
}

/** A reader for each form of URL: seldom enough together with anything else. */
function readersOf(dice: Dice): readonly KubeObject[] {
  return ruleUrls.flatMap((url, index) => {
    const rules = [{ verbs: ['get', dice.one(words.verbs)], nonResourceURLs: [url] }];
    const subjects = [{ apiGroup: group, kind: 'User', name: `reader-${index}` }];
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: `u-${index}` };
    return [
      role('ClusterRole', { name: `u-${index}` }, { rules }),
      role('ClusterRoleBinding', { name: `u-${index}` }, { subjects, roleRef }),
    ];
  });
}

/** Generated roles and bindings, the same for the same seed. */
export function generatedAccess(seed: number): readonly KubeObject[] {
  const dice = new Dice(seed);
  const roles = rolesOf(dice);
  return [...roles, ...bindingsOf(dice, roles), ...readersOf(dice)];
}
