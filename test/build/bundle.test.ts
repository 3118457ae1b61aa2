import { afterAll, describe, expect, it } from 'vitest';
import { canonical, yamlText } from '../../src/lib/index.ts';
import { keyOf, refOf } from '../../src/objects/index.ts';
import { aFleet, removeFleets, type FleetBuilder, tenantText } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const tenant = tenantText(
  [
    '    - name: shop-db',
    '      profile: restricted',
    '      quota: { cpu: "4", memory: 8Gi, pods: 10, services.loadbalancers: 0 }',
    '      limits: { container: { default: { memory: 128Mi }, max: { cpu: "2" } }, persistentVolumeClaim: { max: { storage: 10Gi } } }',
    '  teams:',
    '    - { name: dev, group: "shop:dev", can: [edit, exec] }',
    '    - { name: bot, user: release-bot, can: [view] }',
    '',
  ].join('\n'),
);

async function objectOf(fleet: FleetBuilder, key: string): Promise<string> {
  const { value } = await compiled(fleet);
  const found = value?.[0]?.manifests.find(({ object }) => keyOf(refOf(object)) === key);
  if (found === undefined) return 'none';
  const { metadata: _metadata, ...rest } = found.object;
  return yamlText(rest);
}

describe('a bundle', () => {
  it('is the same to the byte, whatever the order in which files are read', async () => {
    const one = await compiled(aFleet().with('tenants/shop.yaml', tenant));
    // The same documents in other files are read in another order.
    const moved = await compiled(aFleet().without('tenants/shop.yaml').with('zz/shop.yaml', tenant));
    const objects = (built: typeof one): string =>
      canonical(built.value?.map((bundle) => bundle.manifests.map(({ object }) => object)));
    expect(objects(moved)).toBe(objects(one));
    expect(moved.value?.map((bundle) => bundle.digest)).toEqual(one.value?.map((bundle) => bundle.digest));
  });

  it('moves an owner only when its own manifests change', async () => {
    const before = (await compiled(aFleet())).value?.[0];
    const changed = aFleet().with(
      'apps/shop/web/manifests/web.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { greeting: other }\n',
    );
    const after = (await compiled(changed)).value?.[0];
    const owners = [...(before?.owners.keys() ?? [])];
    const moved = owners.filter((owner) => before?.owners.get(owner) !== after?.owners.get(owner));
    expect(moved).toEqual(['App/shop/web']);
    expect(after?.digest).not.toBe(before?.digest);
  });

  it('has quotas with requests written out, limits by type, and the teams’ bindings', async () => {
    const fleet = aFleet().with('tenants/shop.yaml', tenant);
    expect(await objectOf(fleet, '/ResourceQuota/shop-db/toryo')).toContain(
      "hard:\n    pods: '10'\n    requests.cpu: '4'\n    requests.memory: 8Gi\n    services.loadbalancers: '0'\n",
    );
    const limits = await objectOf(fleet, '/LimitRange/shop-db/toryo');
    expect(limits).toContain('type: Container');
    expect(limits).toContain('type: PersistentVolumeClaim');
    const binding = await objectOf(
      fleet,
      'rbac.authorization.k8s.io/RoleBinding/shop-db/toryo:team:dev:exec',
    );
    expect(binding).toContain('name: toryo:exec');
    expect(binding).toContain('name: shop:dev');
    expect(await objectOf(fleet, '/ResourceQuota/shop-web/toryo')).toBe('none');
  });

  it('labels namespaces with the level of their profile, pinned to the version', async () => {
    const { value } = await compiled(aFleet());
    const namespace = value?.[0]?.manifests.find(({ object }) => object.metadata.name === 'shop-web');
    expect(namespace?.object.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.35',
      'toryo.dev/tenant': 'shop',
    });
  });
});
