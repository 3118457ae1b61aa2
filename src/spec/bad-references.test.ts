import { aFleet, appText, clusterText, fleetText, tenantText } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

const cases: readonly MistakeCase[] = [
  {
    name: 'a missing tenant, and nothing else',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('tenant: shop', 'tenant: shp')),
    says: ['TRY-SPEC-013 apps/shop/web/app.yaml:4:11 there is no Tenant "shp", did you mean "shop"?'],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'no Tenant at all',
    fleet: () => aFleet().without('tenants/shop.yaml'),
    says: ['TRY-SPEC-013 apps/shop/web/app.yaml:4:11 there is no Tenant "shop"'],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing profile',
    fleet: () => aFleet().with('tenants/shop.yaml', tenantText().replace('restricted', 'restrictd')),
    says: [
      'TRY-SPEC-013 tenants/shop.yaml:7:34 there is no SecurityProfile "restrictd", did you mean "restricted"?',
    ],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing namespace',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('shop-web', 'shop-wbe')),
    says: [
      'TRY-SPEC-033 apps/shop/web/app.yaml:5:14 namespace shop-wbe is not one of tenant shop, did you mean "shop-web"?',
    ],
    hints: ['Add it to the Tenant, or correct the name.'],
  },
  {
    name: 'a missing cluster, in a selector',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('all', '{ name: labb }')),
    says: ['TRY-SPEC-015 apps/shop/web/app.yaml:6:13 spec.clusters matches no cluster, did you mean "lab"?'],
    hints: ['Correct the labels, or remove the entry.'],
  },
  {
    name: 'a missing cluster and App, in a Waiver',
    fleet: () =>
      aFleet().with(
        'w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-012, target: { app: shop/wbe, cluster: labb }, reason: r, owner: o, expires: 2027-01-31 }\n',
      ),
    says: [
      'TRY-SPEC-013 w.yaml:3:43 there is no App/shop/wbe, did you mean "App/shop/web"?',
      'TRY-SPEC-013 w.yaml:3:62 there is no Cluster "labb", did you mean "lab"?',
    ],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing template, and nothing else',
    fleet: () => aFleet().with('clusters/lab.yaml', clusterText('from: eks-std, environment: staging')),
    says: ['TRY-SPEC-013 clusters/lab.yaml:3:15 there is no ClusterTemplate "eks-std"'],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing environment, and nothing else',
    fleet: () => aFleet().with('clusters/lab.yaml', clusterText('environment: stagin, provider: sandbox')),
    says: [
      'TRY-SPEC-013 clusters/lab.yaml:3:22 there is no environment "stagin" in the Fleet, did you mean "staging"?',
    ],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing need',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  needs: [App/shop/wbe]\n')),
    says: ['TRY-SPEC-013 apps/shop/web/app.yaml:8:11 there is no App/shop/wbe, did you mean "App/shop/web"?'],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'a missing network set',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText().replace('restricted }', 'restricted, network: { egress: [dsn] } }'),
      ),
    says: ['TRY-SPEC-013 tenants/shop.yaml:7:66 there is no network set "dsn", did you mean "dns"?'],
    hints: ['Correct the name, or add the document.'],
  },
  {
    name: 'needs in a circle',
    fleet: () =>
      aFleet()
        .with('apps/shop/web/app.yaml', appText('  needs: [App/shop/db]\n'))
        .with(
          'apps/shop/db/app.yaml',
          appText('  needs: [App/shop/web]\n')
            .replace('name: web', 'name: db')
            .replace('manifests', '../web/manifests'),
        ),
    says: [
      'TRY-SPEC-034 apps/shop/db/app.yaml:2:19 these need each other: App/shop/db -> App/shop/web -> App/shop/db',
    ],
    hints: ['Remove one of the needs.'],
  },
  {
    name: 'needs in a circle that only overrides close',
    fleet: () =>
      aFleet()
        .with(
          'apps/shop/web/app.yaml',
          appText('  overrides: [{ select: { name: tokyo }, needs: [App/shop/db] }]\n'),
        )
        .with(
          'apps/shop/db/app.yaml',
          appText('  needs: [App/shop/web]\n')
            .replace('name: web', 'name: db')
            .replace('manifests', '../web/manifests'),
        ),
    says: [
      'TRY-SPEC-034 apps/shop/db/app.yaml:8:10 these need each other: App/shop/db -> App/shop/web -> App/shop/db',
    ],
    hints: ['Remove one of the needs.'],
  },
  {
    name: 'a cluster in no wave',
    fleet: () =>
      aFleet().with('fleet.yaml', fleetText('[{ name: first, select: { environment: staging } }]')),
    says: ['TRY-SPEC-014 clusters/tokyo.yaml:2:19 no wave of the Fleet selects cluster tokyo'],
    hints: ['Add a wave, or widen the last one.'],
  },
  {
    name: 'a selector that matches nothing',
    fleet: () =>
      aFleet().with('tenants/shop.yaml', tenantText().replace('{ product: shop }', '{ product: pay }')),
    says: ['TRY-SPEC-015 tenants/shop.yaml:4:13 spec.clusters matches no cluster'],
    hints: ['Correct the labels, or remove the entry.'],
  },
  {
    name: 'a selector whose key is misspelt',
    fleet: () =>
      aFleet().with('tenants/shop.yaml', tenantText().replace('{ product: shop }', '{ prodct: shop }')),
    says: ['TRY-SPEC-015 tenants/shop.yaml:4:13 spec.clusters matches no cluster, did you mean "product"?'],
    hints: ['Correct the labels, or remove the entry.'],
  },
  {
    name: 'an override that matches nothing',
    fleet: () =>
      aFleet().with(
        'apps/shop/web/app.yaml',
        appText('  overrides: [{ select: { environment: production, region: x }, state: pinned }]\n'),
      ),
    says: ['TRY-SPEC-015 apps/shop/web/app.yaml:8:25 spec.overrides[0].select matches no cluster'],
    hints: ['Correct the labels, or remove the entry.'],
  },
  {
    name: 'a wave that matches nothing',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText('[{ name: zero, select: { region: eu } }, { name: first, select: all }]'),
      ),
    says: ['TRY-SPEC-015 fleet.yaml:5:33 spec.waves[0].select matches no cluster'],
    hints: ['Correct the labels, or remove the entry.'],
  },
  {
    name: 'one document twice',
    fleet: () => aFleet().with('apps/shop/other.yaml', appText().replace('manifests', 'web/manifests')),
    says: [
      'TRY-SPEC-012 apps/shop/web/app.yaml:2:19 App/shop/web is already defined at apps/shop/other.yaml:2',
    ],
    hints: ['Rename or remove one of the two.'],
  },
  {
    name: 'one cluster twice',
    fleet: () => aFleet().with('clusters/lab2.yaml', clusterText('environment: staging, provider: sandbox')),
    says: ['TRY-SPEC-012 clusters/lab2.yaml:2:19 Cluster/lab is already defined at clusters/lab.yaml:2'],
    hints: ['Rename or remove one of the two.'],
  },
  {
    name: 'no Fleet',
    fleet: () => aFleet().without('fleet.yaml'),
    says: ['TRY-SPEC-019 .:1:1 no document of kind Fleet below ROOT'],
    hints: ['Add fleet.yaml, or run `toryo init`.'],
  },
  {
    name: 'two Fleets',
    fleet: () => aFleet().with('fleet2.yaml', fleetText('[{ name: a, select: all }]')),
    says: ['TRY-SPEC-020 fleet2.yaml:2:19 another Fleet stands at fleet.yaml:2'],
    hints: ['A repository has one Fleet.'],
  },
  {
    name: 'moves and removals that cannot be meant',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText(
          '[{ name: first, select: all }]',
          '  moved: [{ from: App/shop/web, to: App/shop/x }, { from: App/shop/old, to: App/shop/wbe }]\n  removed: [{ what: Tenant/shop }]\n',
        ),
      ),
    says: [
      'TRY-SPEC-036 fleet.yaml:6:11 App/shop/web still has a document',
      'TRY-SPEC-036 fleet.yaml:6:51 App/shop/wbe has no document, did you mean "App/shop/web"?',
      'TRY-SPEC-040 fleet.yaml:7:13 Tenant/shop is listed in `removed` and still has a document',
    ],
    hints: [
      '`from` is the old name and has no document; `to` is the new one and has.',
      'Delete the document, or the entry.',
    ],
  },
  {
    name: 'an unknown variable of a cluster',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', appText('  images: { web: "r/${vars.domian}/web:1" }\n')),
    says: ['TRY-SPEC-016 apps/shop/web/app.yaml:8:18 ${vars.domian} is not known here'],
    hints: ['Known: ${cluster.name}, ${environment}, ${region}, ${account}, ${vars.NAME}.'],
  },
  {
    name: 'a misspelt variable',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', appText('  images: { web: "r/${enviroment}/web:1" }\n')),
    says: [
      'TRY-SPEC-016 apps/shop/web/app.yaml:8:18 ${enviroment} is not known here, did you mean "environment"?',
    ],
    hints: ['Known: ${cluster.name}, ${environment}, ${region}, ${account}, ${vars.NAME}.'],
  },
  {
    name: 'a variable in a path',
    fleet: () =>
      aFleet().with(
        'apps/shop/web/app.yaml',
        appText().replace('path: manifests', 'path: "manifests/${environment}"'),
      ),
    says: ['TRY-SPEC-017 apps/shop/web/app.yaml:7:19 variables are not allowed in source.path'],
    hints: ['Names, selectors and paths are plain text; use overrides.'],
  },
  {
    name: 'a cluster with a mistake, which selectors may still mean',
    fleet: () =>
      aFleet()
        .without('clusters/tokyo.yaml')
        .with('clusters/lab.yaml', clusterText('environment: staging, provider: sandbox, zones: 3'))
        .with('fleet.yaml', fleetText('[{ name: a, select: { environment: staging } }]')),
    says: ['TRY-SPEC-001 clusters/lab.yaml:3:50 unknown key "zones"'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'a Tenant with a mistake, which Apps may still name',
    fleet: () => aFleet().with('tenants/shop.yaml', tenantText('  hostz: []\n')),
    says: ['TRY-SPEC-001 tenants/shop.yaml:8:3 unknown key "hostz", did you mean "hosts"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'a SecurityProfile with a mistake, which Tenants may still name',
    fleet: () =>
      aFleet().with(
        'profiles/restricted.yaml',
        'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { priviliged: true }\n',
      ),
    says: ['TRY-SPEC-001 profiles/restricted.yaml:3:9 unknown key "priviliged", did you mean "privileged"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
];

describeMistakes('references that lead nowhere', cases);
