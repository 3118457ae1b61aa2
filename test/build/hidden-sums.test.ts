import { afterAll, describe, expect, it } from 'vitest';
import {
  aFleet,
  appText,
  clusterText,
  quietRun,
  removeFleets,
  shown,
  tenantText,
  type FleetBuilder,
} from '../../src/spec/testing/fleet.ts';
import { build } from '../../src/toryo.ts';

afterAll(removeFleets);

const quota = (text: string): string =>
  text.replaceAll('restricted }', 'restricted, quota: { configmaps: 0 } }');
const pay = (text: string): string => text.replaceAll('shop', 'pay').replace('product: pay', 'product: shop');
const shopApp = 'apps/shop/web/app.yaml';
const broken = appText('  image: { a: b }\n');

/** Tenants shop and pay with an App each, and quotas that kube-root-ca.crt alone exceeds. */
const two = (): FleetBuilder =>
  aFleet()
    .with('tenants/shop.yaml', quota(tenantText('    - { name: shop-db, profile: restricted }\n')))
    .with('tenants/pay.yaml', quota(pay(tenantText())))
    .with('apps/pay/web/app.yaml', pay(appText()))
    .with('apps/pay/web/manifests/web.yaml', `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n`);

/** What is said of sums, `full shop-web lab, tokyo`, and what the note says. */
async function said(fleet: FleetBuilder): Promise<readonly string[]> {
  const { diagnostics } = await build(fleet.write(), { env: {} }, quietRun);
  return diagnostics.flatMap((one) => {
    if (one.code === 'TRY-QUOTA-003')
      return [`full ${String(one.args['subject']).replace('Namespace/', '')} ${String(one.args['cluster'])}`];
    return one.code === 'TRY-SPEC-050' || /QUOTA-00[12]/.test(one.code)
      ? [(shown([one])[0] ?? '').replace(/^\S+ \S+ (because of the mistakes above )?/, '')]
      : [];
  });
}

const both = 'lab, tokyo';
const full = (name: string, on = both): string => `full ${name} ${on}`;
const [pays, shops, databases] = [full('pay-web'), full('shop-web'), full('shop-db')];
const unsummed = (names: string, compiled = '1 App was not compiled'): string =>
  `${compiled}; quotas were not summed up in ${names}`;

interface Case {
  readonly name: string;
  readonly fleet: () => FleetBuilder;
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'no mistake at all: each', fleet: two, says: [pays, shops, databases] },
  {
    name: 'an App with mistakes: all but that of its namespace',
    fleet: () => two().with(shopApp, broken),
    says: [pays, databases, unsummed(`shop-web on cluster ${both}`)],
  },
  {
    name: 'an App with mistakes on one cluster: also that of the other',
    fleet: () => two().with(shopApp, broken.replace('clusters: all', 'clusters: { name: lab }')),
    says: [pays, databases, full('shop-web', 'tokyo'), unsummed('shop-web on cluster lab')],
  },
  {
    name: 'an App that an override sends elsewhere: all but those of its tenant',
    fleet: () =>
      two().with(shopApp, `${broken}  overrides: [{ select: { name: lab }, namespace: shop-db }]\n`),
    says: [pays, unsummed(`shop-db, shop-web on cluster ${both}`)],
  },
  {
    name: 'an App in a namespace that its tenant has not',
    fleet: () => two().with(shopApp, appText().replace('shop-web', 'shop-wbe')),
    says: [
      pays,
      `1 App was not held against guards; quotas were not summed up in shop-db, shop-web on cluster ${both}`,
    ],
  },
  {
    name: 'an App of a tenant that is not there: none',
    fleet: () => two().with(shopApp, broken.replace('tenant: shop', 'tenant: shp')),
    says: [unsummed(`pay-web, shop-db, shop-web on cluster ${both}`)],
  },
  {
    name: 'an App that selects no cluster: those of all clusters may be meant',
    fleet: () => two().with(shopApp, appText().replace('clusters: all', 'clusters: { product: shp }')),
    says: [pays, databases, `quotas were not summed up in shop-web on cluster ${both}`],
  },
  {
    name: 'an App with an override that selects no cluster: each may be meant',
    fleet: () =>
      two().with(shopApp, appText('  overrides: [{ select: { name: lap }, images: { a: "b:1" } }]\n')),
    says: [pays, databases, `quotas were not summed up in shop-web on cluster ${both}`],
  },
  {
    name: 'an App that is not YAML: all but those of its tenant',
    fleet: () => two().with(shopApp, `apiVersion: toryo.dev/v1alpha1\n${appText('  needs: [\n')}`),
    says: [pays, unsummed(`shop-db, shop-web on cluster ${both}`)],
  },
  {
    name: 'an App whose source is not there, and one of which a manifest cannot be read',
    fleet: () =>
      two()
        .with(shopApp, appText().replace('manifests', 'manifest'))
        .with('apps/pay/web/manifests/x.yaml', 'kind: {\n'),
    says: [databases, unsummed(`pay-web, shop-web on cluster ${both}`)],
  },
  {
    name: 'an App of the platform, and a Waiver: each of a tenant',
    fleet: () =>
      two()
        .with(
          'platform/app.yaml',
          broken.replace('tenant: shop', 'tenant: platform').replace('shop-web', 'base'),
        )
        .with('w.yaml', 'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-020 }\n'),
    says: [pays, shops, databases, '1 App was not compiled'],
  },
  {
    name: 'a Tenant: those of the others',
    fleet: () => two().with('tenants/pay.yaml', quota(pay(tenantText('  teems: []\n')))),
    says: [shops, databases, '1 Tenant was not compiled; 1 App was not held against guards'],
  },
];

describe('sums of quotas beside mistakes', () => {
  it.each(cases)('$name', async ({ fleet, says }) => {
    expect(await said(fleet())).toEqual(says);
  });

  it('are told with the mistakes', async () => {
    const { diagnostics } = await build(two().with(shopApp, broken).write(), { env: {} }, quietRun);
    expect(shown(diagnostics.filter((one) => one.severity !== 'warning'))).toEqual([
      'TRY-SPEC-001 apps/shop/web/app.yaml:8:3 unknown key "image", did you mean "images"?',
      'TRY-QUOTA-003 tenants/pay.yaml:7:66 Namespace/pay-web on cluster lab, tokyo: 2 of quota.configmaps wanted, 0 there (ConfigMap/kube-root-ca.crt 1, ConfigMap/pay-web/web 1)',
      'TRY-QUOTA-003 tenants/shop.yaml:8:66 Namespace/shop-db on cluster lab, tokyo: 1 of quota.configmaps wanted, 0 there (ConfigMap/kube-root-ca.crt 1)',
      'TRY-SPEC-050 fleet.yaml:2:19 because of the mistakes above 1 App was not compiled; quotas were not summed up in shop-web on cluster lab, tokyo',
    ]);
  });

  it('are told at their lines beside a namespace that two would have', async () => {
    const app = appText().replace('tenant: shop', 'tenant: platform');
    const fleet = two()
      .with('platform/app.yaml', app.replace('name: web', 'name: base'))
      .with('platform/manifests/a.yaml', '');
    const { diagnostics } = await build(fleet.write(), { env: {} }, quietRun);
    expect(shown(diagnostics.filter(({ args }) => args['subject'] === 'Namespace/shop-db'))).toEqual([
      expect.stringMatching(/^TRY-QUOTA-003 tenants\/shop.yaml:8:66 /),
    ]);
  });

  const pools = 'pools: [{ name: a, instanceTypes: [m6i.large], nodes: { min: 1, max: 1 } }]';
  const large = (text: string): string => text.replace('restricted }', 'restricted, quota: { cpu: 9 } }');
  const onLab = (fleet: FleetBuilder): FleetBuilder =>
    fleet
      .with(
        'clusters/lab.yaml',
        clusterText(`environment: staging, provider: sandbox, ${pools}, version: "1.35"`),
      )
      .with('tenants/shop.yaml', large(tenantText()));

  it('are compared with nodes where no Tenant has mistakes', async () => {
    const tooMuch =
      'quotas on cluster lab promise more than all of its nodes have: requests.cpu 9 of 2 (shop 9)';
    expect(await said(onLab(aFleet()).with(shopApp, broken))).toEqual([
      tooMuch,
      unsummed(`shop-web on cluster ${both}`),
    ]);
    const other = (cluster: string): FleetBuilder =>
      onLab(aFleet()).with(
        'tenants/pay.yaml',
        pay(tenantText('  teems: []\n')).replace('product: shop', `name: ${cluster}`),
      );
    expect(await said(other('tokyo'))).toEqual([tooMuch, '1 Tenant was not compiled']);
    expect(await said(other('lab'))).toEqual([
      '1 Tenant was not compiled; quotas were not compared with nodes on cluster lab',
    ]);
  });
});
