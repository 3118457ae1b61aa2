import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ClusterLease,
  deliver,
  holderIdentity,
  plan,
  type Delivered,
  type PlannedCluster,
} from '../../src/deliver/index.ts';
import { tenantUserOf } from '../../src/lib/index.ts';
import {
  ownerName,
  refOf,
  withLabels,
  markOf,
  type KubeObject,
  type Manifest,
} from '../../src/objects/index.ts';
import { build, type Built } from '../../src/toryo.ts';
import { observe, type ClusterWorld } from '../../src/world/index.ts';
import { Bench, configMap, someNodes, testRun } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;
let built: Built;
const rbac = 'rbac.authorization.k8s.io';
const owner = { tenant: 'shop', app: 'web' };
const openPolicy = (name: string, namespace: string): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] },
});

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web', 'shop-own']),
    'pay.yaml': tenantYaml('pay', ['pay-api']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    'apps/shop/web/manifests/web.yaml': configMapYaml('web'),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(() => bench.stop());

/** A plan in which the tenant's App has manifests that the offline check would refuse. */
async function planWith(
  objects: readonly KubeObject[],
): Promise<{ planned: PlannedCluster; world: ClusterWorld; bundle: Built['bundles'][number] }> {
  const { value, diagnostics } = await build(bench.root, { env: bench.env }, testRun());
  expect(value, JSON.stringify(diagnostics)).toBeDefined();
  built = value!;
  const [base] = built.bundles;
  const more = objects.map((object): Manifest => ({
    object: withLabels(object, markOf(owner, 'acme')),
    owner,
    from: built.fleet.from,
  }));
  const bundle = { ...base!, manifests: [...base!.manifests, ...more] };
  const world = await observe(
    bundle,
    bench.client(),
    { fleet: 'acme', hasPredictions: true, ownership: [] },
    testRun(),
  );
  const input = {
    fleet: 'acme',
    waves: built.fleet.waves,
    bundles: [bundle],
    world: { at: '', clusters: new Map([['lab', { is: 'there' as const, world }]]) },
    identities: new Map(),
    permissions: { deletions: new Set<string>(), prunes: new Set<string>() },
    owners: new Set<string>(),
  };
  return { planned: plan(input).waves[0]!.clusters[0]!, world, bundle };
}

async function deliverWith(objects: readonly KubeObject[]): Promise<Delivered> {
  const { planned, world, bundle } = await planWith(objects);
  const unblocked = {
    ...planned,
    blockers: [],
    changes: planned.changes.map((change) =>
      change.action === 'blocked' ? { ...change, action: 'create' as const } : change,
    ),
  };
  const client = bench.client();
  const holder = { identity: holderIdentity(), commit: undefined, isNewerThan: () => Promise.resolve(false) };
  const lease = await ClusterLease.take(client, holder, testRun());
  const movement = {
    owners: new Set(bundle.manifests.map((one) => ownerName(one.owner))),
    revisions: new Map(),
    plan: '',
    commit: undefined,
    back: new Map(),
    noWayBack: new Map(),
  };
  const patience = { timeout: 10_000, quiet: 1000 };
  try {
    return await deliver(
      {
        bundle,
        world,
        planned: unblocked,
        client,
        fleet: 'acme',
        patience,
        movement,
        lease,
        isOver: () => false,
      },
      testRun(),
    );
  } finally {
    await lease.release();
  }
}

const canI = async (
  who: readonly string[],
  verb: string,
  resource: string,
  namespace = 'shop-web',
): Promise<boolean> => {
  const [type = '', subresource = ''] = resource.split('/');
  const words = ['auth', 'can-i', verb, type, `--subresource=${subresource}`, '-n', namespace, ...who];
  const answer = await bench.kubectl('lab', words);
  return answer.out.trim() === 'yes';
};

describe('before the rights exist', () => {
  it('the plan says which objects were checked offline: those of tenants, not those that Toryo writes itself', async () => {
    const answer = await bench.toryo('plan');
    expect(answer.code, answer.all).toBe(0);
    expect(answer.out).toMatch(/checked by stand-in.*, 1 with rights checked offline/);
  });

  it('a mistake in an object of a namespace that does not exist yet is refused by the server', async () => {
    const { planned } = await planWith([{ ...configMap('wrong', 'shop-web'), data: { a: { b: 'c' } } }]);
    const change = planned.changes.find((one) => one.subject.name === 'wrong');
    expect(change).toMatchObject({ action: 'blocked', checkedBy: 'stand-in', hasRights: false });
    expect(change?.why).toMatch(/ConfigMap\/shop-web\/wrong: refused by the API server/);
  });
});

describe('a tenant’s App that is past the offline check', () => {
  beforeAll(async () => {
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
  });

  const role = {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'theirs' },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
  };
  const subjects = [{ apiGroup: rbac, kind: 'Group', name: 'shop:dev' }];
  const binding = {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'theirs', namespace: 'shop-web' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects,
  };
  const escalation = {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata: { name: 'theirs', namespace: 'shop-web' },
    rules: [{ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['create'] }],
  };
  const daemons = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'theirs', namespace: 'shop-web' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } },
    },
  };
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'theirs', namespace: 'shop-web' },
    spec: { hard: { pods: '1000' } },
  };
  const limits = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'theirs', namespace: 'shop-web' },
    spec: { limits: [] },
  };

  it.each<[string, KubeObject]>([
    ['a ClusterRole', role],
    ['a RoleBinding to more than it has', binding],
    ['a Role with more than it has', escalation],
    ['an object in another tenant’s namespace', configMap('theirs', 'pay-api')],
    ['an object of the platform', configMap('theirs', 'toryo-system')],
    ['a NetworkPolicy', openPolicy('theirs', 'shop-web')],
    ['a ResourceQuota', quota],
    ['a LimitRange', limits],
    ['a DaemonSet', daemons],
    ['a Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'theirs' } }],
  ])('may not write %s: the plan shows the server’s word, and so does the write', async (_what, object) => {
    const { planned } = await planWith([object]);
    const change = planned.changes.find(
      (one) => one.subject.name === 'theirs' && one.subject.kind === object.kind,
    );
    expect(change).toMatchObject({ action: 'blocked', checkedBy: 'dry-run', hasRights: true });
    expect(change?.why).toMatch(/forbidden \(.*"?toryo:tenant:shop"?/);
    expect(planned.blockers).toHaveLength(1);
    const delivered = await deliverWith([object]);
    expect(delivered).toMatchObject({
      outcome: 'failed',
      failures: [{ error: { code: 'TORYO_KUBE_FORBIDDEN' } }],
    });
    expect(await bench.client().get(refOf(object))).toBeUndefined();
  });

  it('writes NetworkPolicies where its namespace says `network: own`, from the first apply on', async () => {
    await bench.edit(
      'shop.yaml',
      '{ name: shop-own, profile: restricted }',
      '{ name: shop-own, profile: restricted, network: own }',
    );
    await bench.write({
      'apps/shop/net/app.yaml': appYaml('net', 'shop', 'shop-own'),
      'apps/shop/net/manifests/all.yaml': `${JSON.stringify({ ...openPolicy('theirs', ''), metadata: { name: 'theirs' } })}\n`,
    });
    expect((await bench.toryo('lock')).code).toBe(0);
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(await bench.client().get(refOf(openPolicy('theirs', 'shop-own')))).toBeDefined();
    const tenant = ['--as', tenantUserOf('shop')];
    expect(await canI(tenant, 'patch', 'networkpolicies', 'shop-own')).toBe(true);
    expect(await canI(tenant, 'patch', 'networkpolicies', 'shop-web')).toBe(false);
  });
});

describe('a team', () => {
  const as = (name: string): readonly string[] => ['--as', 'someone', '--as-group', name];

  beforeAll(async () => {
    await bench.edit(
      'shop.yaml',
      'teams: [',
      'teams: [{ name: ops, group: "shop:ops", can: [admin] }, { name: shell, group: "shop:shell", can: [view, exec] }, { name: keys, group: "shop:keys", can: [secrets] }, ',
    );
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
  });

  it.each<[string, string, string, boolean]>([
    ['shop:dev', 'create', 'deployments.apps', true],
    ['shop:dev', 'get', 'pods/log', true],
    ['shop:dev', 'create', 'networkpolicies.networking.k8s.io', false],
    ['shop:dev', 'create', 'daemonsets.apps', false],
    ['shop:dev', 'create', 'serviceaccounts/token', false],
    ['shop:dev', 'impersonate', 'serviceaccounts', false],
    ['shop:dev', 'get', 'secrets', false],
    ['shop:dev', 'create', 'pods/exec', false],
    ['shop:dev', 'create', 'rolebindings.rbac.authorization.k8s.io', false],
    ['shop:dev', 'create', 'resourcequotas', false],
    ['shop:ops', 'create', 'rolebindings.rbac.authorization.k8s.io', true],
    ['shop:ops', 'create', 'networkpolicies.networking.k8s.io', false],
    ['shop:ops', 'create', 'serviceaccounts/token', false],
    ['shop:ops', 'get', 'secrets', false],
    ['shop:shell', 'create', 'pods/exec', true],
    ['shop:shell', 'create', 'pods/portforward', true],
    ['shop:shell', 'get', 'pods', true],
    ['shop:shell', 'create', 'deployments.apps', false],
    ['shop:shell', 'get', 'secrets', false],
    ['shop:keys', 'get', 'secrets', true],
    ['shop:keys', 'get', 'pods', false],
    ['shop:keys', 'create', 'pods/exec', false],
  ])('%s may %s %s: %s', async (group, verb, resource, answer) => {
    expect(await canI(as(group), verb, resource)).toBe(answer);
    expect(await canI(as(group), verb, resource, 'pay-api')).toBe(false);
  });
});
