import { aFleet, appText, clusterText, fleetText, tenantText } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

const cases: readonly MistakeCase[] = [
  {
    name: 'an unknown key',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  image: { a: b }\n')),
    says: ['TRY-SPEC-001 apps/shop/web/app.yaml:8:3 unknown key "image", did you mean "images"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'an unknown key of a list’s item, whose consequence is not told',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText('  teams: [{ name: dev, grup: "shop:dev", can: [edit] }]\n'),
      ),
    says: ['TRY-SPEC-001 tenants/shop.yaml:8:24 unknown key "grup", did you mean "group"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'an unknown key for a required one, which is not called missing too',
    fleet: () =>
      aFleet().with('fleet.yaml', fleetText('[{ name: a, select: all }]').replace('waves', 'wave')),
    says: ['TRY-SPEC-001 fleet.yaml:5:3 unknown key "wave", did you mean "waves"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'a wrong type',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  needs: App/shop/db\n')),
    says: ['TRY-SPEC-002 apps/shop/web/app.yaml:8:10 expected a list, found "App/shop/db"'],
    hints: ['Correct the value.'],
  },
  {
    name: 'an unquoted version',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        clusterText('environment: staging, provider: sandbox, version: 1.30'),
      ),
    says: [
      'TRY-SPEC-003 clusters/lab.yaml:3:59 1.30 is read as the number 1.3, not as text; quote it: "1.30"',
    ],
    hints: ['Versions, labels, times and words such as yes and on are text only in quotes.'],
  },
  {
    name: 'an unquoted yes',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        clusterText(
          'environment: staging, provider: sandbox',
          'name: lab, labels: { product: shop, canary: yes }',
        ),
      ),
    says: [
      'TRY-SPEC-003 clusters/lab.yaml:2:57 yes is read as the boolean true, not as text; quote it: "yes"',
    ],
    hints: ['Versions, labels, times and words such as yes and on are text only in quotes.'],
  },
  {
    name: 'an unquoted number in a selector',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('all', '{ product: [shop, 3] }')),
    says: ['TRY-SPEC-003 apps/shop/web/app.yaml:6:31 3 is read as the number 3, not as text; quote it: "3"'],
    hints: ['Versions, labels, times and words such as yes and on are text only in quotes.'],
  },
  {
    name: 'a quantity and what is none',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText().replace('restricted }', 'restricted, quota: { cpu: 4cores, memory: true } }'),
      ),
    says: [
      'TRY-SPEC-007 tenants/shop.yaml:7:60 "4cores" is not a quantity such as 500m, 4 or 16Gi',
      'TRY-SPEC-002 tenants/shop.yaml:7:76 expected a string or a number, found boolean true',
    ],
    hints: ['Correct the value.'],
  },
  {
    name: 'a word that is not allowed',
    fleet: () => aFleet().with('clusters/lab.yaml', clusterText('environment: staging, provider: sandbx')),
    says: [
      'TRY-SPEC-005 clusters/lab.yaml:3:41 "sandbx" is not one of eks, onprem, kubeconfig, sandbox, did you mean "sandbox"?',
    ],
    hints: ['Use one of the values.'],
  },
  {
    name: 'a cluster’s name where a selector should be',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('all', 'lab')),
    says: ['TRY-SPEC-002 apps/shop/web/app.yaml:6:13 expected "all" or a mapping, found "lab"'],
    hints: ['Correct the value.'],
  },
  {
    name: 'two sources',
    fleet: () =>
      aFleet().with(
        'apps/shop/web/app.yaml',
        appText().replace('path: manifests', 'path: manifests, kustomize: x'),
      ),
    says: ['TRY-SPEC-008 apps/shop/web/app.yaml:7:3 exactly one of path, kustomize, helm, oci is needed'],
    hints: ['Keep the one that is meant.'],
  },
  {
    name: 'no source',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('path: manifests', '')),
    says: ['TRY-SPEC-008 apps/shop/web/app.yaml:7:3 exactly one of path, kustomize, helm, oci is needed'],
    hints: ['Keep the one that is meant.'],
  },
  {
    name: 'a source without a value',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('{ path: manifests }', '')),
    says: ['TRY-SPEC-002 apps/shop/web/app.yaml:7:3 expected a mapping, found null'],
    hints: ['Correct the value.'],
  },
  {
    name: 'a missing field',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('  namespace: shop-web\n', '')),
    says: ['TRY-SPEC-004 apps/shop/web/app.yaml:3:1 the field "namespace" is missing'],
    hints: ['Add it; `toryo explain` says what it means.'],
  },
  {
    name: 'no spec',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', 'kind: App\nmetadata: { name: web }\n'),
    says: ['TRY-SPEC-004 apps/shop/web/app.yaml:1:1 the field "spec" is missing'],
    hints: ['Add it; `toryo explain` says what it means.'],
  },
];

describeMistakes('fields that are not as the schema says', cases);
