import { afterAll, describe, expect, it } from 'vitest';
import {
  type FleetBuilder,
  aFleet,
  appText,
  clusterText,
  fleetText,
  hints,
  removeFleets,
  tenantText,
} from './testing/fleet.ts';

interface Case {
  readonly name: string;
  readonly fleet: () => FleetBuilder;
  readonly says: readonly string[];
  readonly hints: readonly string[];
}

const cases: readonly Case[] = [
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

afterAll(removeFleets);

describe('fields that are not as the schema says', () => {
  it.each(cases)('$name', async ({ fleet, says, hints: next }) => {
    const written = fleet();
    expect(await written.mistakes()).toEqual(says);
    const { value, diagnostics } = await written.load();
    expect(value).toBeUndefined();
    const errors = diagnostics.filter((one) => one.severity === 'error');
    expect([...new Set(hints(errors))]).toEqual(next);
  });
});
