import { afterAll, expect, it } from 'vitest';
import { resolvedView } from './index.ts';
import { aFleet, appText, clusterText, removeFleets } from './testing/fleet.ts';

afterAll(removeFleets);

it('shows each resolved value and the line that it came from', async () => {
  const fleet = await aFleet()
    .with(
      'templates/base.yaml',
      'kind: ClusterTemplate\nmetadata: { name: base }\nspec:\n  provider: sandbox\n  version: "1.34"\n',
    )
    .with('clusters/lab.yaml', clusterText('from: base, environment: staging, vars: { a: "b" }'))
    .with(
      'apps/shop/web/app.yaml',
      appText('  needs: []\n  overrides:\n    - { select: { name: tokyo }, state: pinned }\n'),
    )
    .fleet();
  const rows = resolvedView(fleet).map((one) => [one.subject, one.field, one.value, one.from].join(' '));
  expect(rows).toEqual(
    expect.arrayContaining([
      'Cluster/lab environment staging clusters/lab.yaml:3',
      'Cluster/lab provider sandbox templates/base.yaml:4',
      'Cluster/lab version 1.34 templates/base.yaml:5',
      'Cluster/lab vars.a b clusters/lab.yaml:3',
      'Cluster/lab sandbox.zones 3 default',
      'Tenant/shop on tokyo namespaces[0].name shop-web tenants/shop.yaml:7',
      'Tenant/shop on tokyo namespaces[0].network.egress[0] dns default',
      'App/shop/web on lab state stateless default',
      'App/shop/web on tokyo state pinned apps/shop/web/app.yaml:10',
      'App/shop/web on tokyo source.path manifests apps/shop/web/app.yaml:7',
    ]),
  );
  expect(rows.filter((row) => row.includes('undefined'))).toEqual([]);
});
