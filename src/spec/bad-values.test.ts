import { aFleet, appText, clusterText, fleetText, tenantText } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

const cases: readonly MistakeCase[] = [
  {
    name: 'nothing but a kind',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', 'kind: App\nspec: {}\n'),
    says: [
      'TRY-SPEC-004 apps/shop/web/app.yaml:1:1 the field "metadata" is missing',
      'TRY-SPEC-004 apps/shop/web/app.yaml:2:1 the field "tenant" is missing',
      'TRY-SPEC-004 apps/shop/web/app.yaml:2:1 the field "namespace" is missing',
      'TRY-SPEC-004 apps/shop/web/app.yaml:2:1 the field "clusters" is missing',
      'TRY-SPEC-004 apps/shop/web/app.yaml:2:1 the field "source" is missing',
    ],
    hints: ['Add it; `toryo explain` says what it means.'],
  },
  {
    name: 'two mistakes in one item',
    fleet: () => aFleet().with('tenants/shop.yaml', tenantText('  teams: [{ name: dev, can: [edits] }]\n')),
    says: [
      'TRY-SPEC-008 tenants/shop.yaml:8:11 exactly one of group, user is needed',
      'TRY-SPEC-005 tenants/shop.yaml:8:30 "edits" is not one of view, edit, admin, exec, secrets, did you mean "edit"?',
    ],
    hints: ['Keep the one that is meant.', 'Use one of the values.'],
  },
  {
    name: 'a name that is no DNS label',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('name: web', 'name: Web_App')),
    says: [
      'TRY-SPEC-006 apps/shop/web/app.yaml:2:19 "Web_App" is no name: at most 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit',
    ],
    hints: ['Rename it.'],
  },
  {
    name: 'a namespace that is no DNS label',
    fleet: () => aFleet().with('tenants/shop.yaml', tenantText().replace('shop-web', 'shop.web')),
    says: [
      'TRY-SPEC-006 tenants/shop.yaml:7:15 "shop.web" is no name: at most 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit',
    ],
    hints: ['Rename it.'],
  },
  {
    name: 'a Waiver full of mistakes',
    fleet: () =>
      aFleet().with(
        'w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: SEC-12, target: {}, reason: "", owner: o, expires: soon }\n',
      ),
    says: [
      'TRY-SPEC-007 w.yaml:3:15 "SEC-12" is not a rule such as TRY-SEC-012',
      'TRY-SPEC-009 w.yaml:3:43 at least 1 character wanted',
      'TRY-SPEC-007 w.yaml:3:66 "soon" is not a day such as 2026-12-28',
    ],
    hints: ['Correct the value.'],
  },
  {
    name: 'a mistake in an override',
    fleet: () =>
      aFleet().with(
        'apps/shop/web/app.yaml',
        appText('  overrides: [{ select: all, images: { web: 1.5 } }]\n'),
      ),
    says: [
      'TRY-SPEC-003 apps/shop/web/app.yaml:8:45 1.5 is read as the number 1.5, not as text; quote it: "1.5"',
    ],
    hints: ['Versions, labels, times and words such as yes and on are text only in quotes.'],
  },
  {
    name: 'a field that overrides may not change',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', appText('  overrides: [{ select: all, namespace: x }]\n')),
    says: ['TRY-SPEC-001 apps/shop/web/app.yaml:8:30 unknown key "namespace"'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'one name twice in a list',
    fleet: () =>
      aFleet().with('tenants/shop.yaml', tenantText('    - { name: shop-web, profile: restricted }\n')),
    says: [
      'TRY-SPEC-012 tenants/shop.yaml:8:15 "shop-web" of spec.namespaces is already defined at tenants/shop.yaml:7',
    ],
    hints: ['Rename or remove one of the two.'],
  },
  {
    name: 'one wave twice',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText('[{ name: a, select: { environment: staging } }, { name: a, select: all }]'),
      ),
    says: ['TRY-SPEC-012 fleet.yaml:5:66 "a" of spec.waves is already defined at fleet.yaml:5'],
    hints: ['Rename or remove one of the two.'],
  },
  {
    name: 'a day that is in no calendar',
    fleet: () =>
      aFleet().with(
        'w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-012, target: { app: shop/web }, reason: r, owner: o, expires: 2027-02-31 }\n',
      ),
    says: ['TRY-SPEC-007 w.yaml:3:85 "2027-02-31" is not a day such as 2026-12-28'],
    hints: ['Correct the value.'],
  },
  {
    name: 'addresses that are none',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText(
          '[{ name: a, select: all }]',
          '  networkSets: { x: { cidrs: [10.0.0.0/33, 10.0.0.256/32, "::1/129", 10.0.0.0/8, "fd00::/8"] } }\n',
        ),
      ),
    says: [
      'TRY-SPEC-007 fleet.yaml:6:31 "10.0.0.0/33" is not a CIDR such as 10.0.0.0/16',
      'TRY-SPEC-007 fleet.yaml:6:44 "10.0.0.256/32" is not a CIDR such as 10.0.0.0/16',
      'TRY-SPEC-007 fleet.yaml:6:59 "::1/129" is not a CIDR such as 10.0.0.0/16',
    ],
    hints: ['Correct the value.'],
  },
  {
    name: 'an address of a host where a network is meant',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText(
          '[{ name: a, select: all }]',
          '  networkSets: { x: { cidrs: [10.8.16.1/20, 10.8.16.1/32, "fd00::1/64"] } }\n',
        ),
      ),
    says: [
      'TRY-SPEC-051 fleet.yaml:6:31 "10.8.16.1/20" is an address in a network, not a network; did you mean 10.8.16.0/20?',
      'TRY-SPEC-051 fleet.yaml:6:59 "fd00::1/64" is an address in a network, not a network; did you mean fd00::/64?',
    ],
    hints: ['Write the network, or a single address with /32 (IPv6: /128).'],
  },
  {
    name: 'a smallest above the largest',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        clusterText(
          'environment: staging, provider: sandbox, pools: [{ name: a, instanceTypes: [m6i.large], nodes: { min: 3, max: 2 } }]',
        ),
      ),
    says: ['TRY-SPEC-009 clusters/lab.yaml:3:104 min is larger than max'],
    hints: ['Correct the value.'],
  },
  {
    name: 'a label called like a built-in key',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        clusterText(
          'environment: staging, provider: sandbox',
          'name: lab, labels: { product: shop, region: x }',
        ),
      ),
    says: [
      'TRY-SPEC-018 clusters/lab.yaml:2:49 "region" is a built-in key of selectors and cannot be a label',
    ],
    hints: ['Rename the label.'],
  },
  {
    name: 'a provider without its settings',
    fleet: () => aFleet().with('clusters/lab.yaml', clusterText('environment: staging, provider: eks')),
    says: [
      'TRY-SPEC-037 clusters/lab.yaml:3:1 provider eks needs version',
      'TRY-SPEC-037 clusters/lab.yaml:3:1 provider eks needs eks.region',
      'TRY-SPEC-037 clusters/lab.yaml:3:1 provider eks needs eks.account',
    ],
    hints: ['Add the field to the Cluster or its template.'],
  },
];

describeMistakes('values that are not as the schema says', cases);
