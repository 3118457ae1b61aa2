import { afterAll, describe, expect, it } from 'vitest';
import {
  aFleet,
  clusterText,
  quietRun,
  removeFleets,
  shown,
  tenantText,
} from '../../src/spec/testing/fleet.ts';
import { build } from '../../src/toryo.ts';

afterAll(removeFleets);

const pool = (type: string, min: number, max: number): string =>
  `pools: [{ name: general, instanceTypes: [${type}], nodes: { min: ${min}, max: ${max} } }]`;

/** What check says about quotas: one cluster, and two namespaces with these quotas in each. */
async function told(cluster: string, quota: string): Promise<readonly string[]> {
  const root = aFleet()
    .without('clusters/tokyo.yaml')
    .with(
      'fleet.yaml',
      'kind: Fleet\nmetadata: { name: acme }\nspec: { environments: [{ name: staging }], waves: [{ name: a, select: all }] }\n',
    )
    .with('clusters/lab.yaml', clusterText(`environment: staging, ${cluster}`))
    .with(
      'tenants/shop.yaml',
      tenantText(`    - { name: shop-db, profile: restricted, quota: ${quota} }\n`).replace(
        'restricted }',
        `restricted, quota: ${quota} }`,
      ),
    )
    .write();
  const { diagnostics } = await build(root, { env: {} }, quietRun);
  return diagnostics
    .filter((one) => one.code.startsWith('TRY-QUOTA') || one.severity === 'error')
    .flatMap((one) => [`${one.severity} ${shown([one]).join('')}`]);
}

const sandbox = 'provider: sandbox, version: "1.35"';

describe('quotas of all tenants against the nodes', () => {
  it('are no news where the smallest number of nodes has room', async () => {
    expect(
      await told(`${sandbox}, ${pool('m6i.large', 3, 3)}`, '{ cpu: 3, memory: 12Gi, pods: 40 }'),
    ).toEqual([]);
  });

  it('need the autoscaler, which is a note', async () => {
    expect(await told(`${sandbox}, ${pool('m6i.large', 3, 4)}`, '{ cpu: 3500m, memory: 12Gi }')).toEqual([
      'note TRY-QUOTA-002 clusters/lab.yaml:3:74 quotas on cluster lab promise more than nodes.min have, so it needs the autoscaler: requests.cpu 7 of 6 (shop 7)',
    ]);
  });

  it('promise what no node will ever have', async () => {
    expect(
      await told(
        `${sandbox}, ${pool('m6i.large', 1, 2)}`,
        '{ requests.cpu: 3, memory: 10Gi, count/pods: 20 }',
      ),
    ).toEqual([
      'warning TRY-QUOTA-001 clusters/lab.yaml:3:74 quotas on cluster lab promise more than all of its nodes have: requests.cpu 6 of 4 (shop 6); requests.memory 20Gi of 16Gi (shop 20Gi)',
      'note TRY-QUOTA-002 clusters/lab.yaml:3:74 quotas on cluster lab promise more than nodes.min have, so it needs the autoscaler: pods 40 of 29 (shop 40)',
    ]);
  });

  it('keep on EKS what kubelet and system take', async () => {
    // m6i.xlarge: 4 cores less 80m; 16384 MiB less 7.5 %, 893 MiB for 58 pods and 100 MiB.
    const eks = `provider: eks, version: "1.35", eks: { account: "111122223333", region: ap-northeast-1, zones: [ap-northeast-1a] }, ${pool('m6i.xlarge', 1, 1)}`;
    expect((await told(eks, '{ cpu: 2, memory: 7Gi }')).filter((one) => one.includes('QUOTA'))).toEqual([
      expect.stringContaining('requests.cpu 4 of 3.92 (shop 4)'),
    ]);
    expect((await told(eks, '{ cpu: 1, memory: 7.5Gi }')).filter((one) => one.includes('QUOTA'))).toEqual([
      expect.stringContaining('requests.memory 15Gi of 13.8Gi (shop 15Gi)'),
    ]);
  });

  it('are not judged where nodes are not ours, or not known', async () => {
    const huge = '{ cpu: 1000 }';
    expect(await told('provider: kubeconfig, kubeconfig: { context: x }', huge)).toEqual([]);
    expect(await told(sandbox, huge)).toEqual([]);
  });
});
