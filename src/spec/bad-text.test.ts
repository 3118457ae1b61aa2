import { aFleet, appText, clusterText, tenantText } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

const cases: readonly MistakeCase[] = [
  {
    name: 'a mapping that is not closed',
    fleet: () => aFleet().with('tenants/shop.yaml', 'kind: Tenant\nmetadata: { name: shop\nspec: x\n'),
    says: [
      'TRY-YAML-001 tenants/shop.yaml:3:1 not YAML: a {, [ or quote that was opened above is not closed here',
    ],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'a quote that is not closed',
    fleet: () => aFleet().with('tenants/shop.yaml', 'kind: Tenant\nmetadata: { name: "shop }\nspec: x\n'),
    says: [
      'TRY-YAML-001 tenants/shop.yaml:3:1 not YAML: a {, [ or quote that was opened above is not closed here',
    ],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'wrong indentation',
    fleet: () =>
      aFleet().with('clusters/lab.yaml', 'kind: Cluster\nmetadata:\n  name: lab\n   labels: {}\nspec: {}\n'),
    says: ['TRY-YAML-001 clusters/lab.yaml:4:10 not YAML: bad indentation of a mapping entry'],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'a tab in the indentation',
    fleet: () => aFleet().with('clusters/lab.yaml', 'kind: Cluster\nmetadata:\n	name: lab\nspec: {}\n'),
    says: ['TRY-YAML-002 clusters/lab.yaml:3:1 a tab in the indentation'],
    hints: ['Indent with spaces.'],
  },
  {
    name: 'a key written twice',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        'kind: Cluster\nmetadata: { name: lab, labels: { product: shop } }\nspec:\n  environment: staging\n  provider: sandbox\n  environment: production\n',
      ),
    says: ['TRY-YAML-003 clusters/lab.yaml:6:3 the key "environment" is written twice in one mapping'],
    hints: ['Keep one of the two.'],
  },
  {
    name: 'a nesting of 200 levels',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', `${appText()}  needs: ${'['.repeat(200)}${']'.repeat(200)}\n`),
    says: ['TRY-YAML-001 apps/shop/web/app.yaml:8:108 not YAML: more than 100 levels deep'],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'a file of documents with more than 1 MiB',
    fleet: () =>
      aFleet().with(
        'clusters/lab.yaml',
        `${clusterText('environment: staging, provider: sandbox')}${'# more\n'.repeat(200_000)}`,
      ),
    says: ['TRY-SPEC-039 clusters/lab.yaml:1:1 a file of documents has 1.3 MiB'],
    hints: ['Keep documents under 1 MB, in regular files.'],
  },
  {
    name: 'an alias without its anchor',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  needs: *all\n')),
    says: ['TRY-YAML-001 apps/shop/web/app.yaml:8:11 not YAML: no anchor &all before this alias'],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'a tag that JSON has no word for',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  needs: !!set { a }\n')),
    says: ['TRY-SPEC-002 apps/shop/web/app.yaml:8:16 expected a list, found a mapping'],
    hints: ['Correct the value.'],
  },
  {
    name: 'a number that JSON cannot hold',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  state: 123456789012345678901\n')),
    says: [
      'TRY-YAML-006 apps/shop/web/app.yaml:8:10 the number 123456789012345678901 cannot be read as JSON',
    ],
    hints: ['Use plain strings, numbers, booleans, lists and mappings.'],
  },
  {
    name: 'CRLF line ends and a byte order mark',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', `\uFEFF${appText('  imagse: {}\n')}`.replaceAll('\n', '\r\n')),
    says: ['TRY-SPEC-001 apps/shop/web/app.yaml:8:3 unknown key "imagse", did you mean "images"?'],
    hints: ['See `toryo explain` for the fields of a kind.'],
  },
  {
    name: 'CRLF and a duplicate key',
    fleet: () =>
      aFleet().with(
        'apps/shop/web/app.yaml',
        `\uFEFF${appText('  needs: []\n  needs: []\n')}`.replaceAll('\n', '\r\n'),
      ),
    says: ['TRY-YAML-003 apps/shop/web/app.yaml:9:3 the key "needs" is written twice in one mapping'],
    hints: ['Keep one of the two.'],
  },
  {
    name: 'a YAML file that nobody reads and that is not YAML',
    fleet: () => aFleet().with('notes.yaml', 'a: [\n'),
    says: ['TRY-YAML-001 notes.yaml:2:1 not YAML: a {, [ or quote that was opened above is not closed here'],
    hints: ['Correct the file; indentation and quotes are the usual places.'],
  },
  {
    name: 'a list where a document should be',
    fleet: () => aFleet().with('x.yaml', 'apiVersion: toryo.dev/v1alpha1\n---\n- a\n'),
    says: [
      'TRY-SPEC-004 x.yaml:1:1 the field "kind" is missing',
      'TRY-SPEC-002 x.yaml:3:1 expected a document with apiVersion and kind, found a list',
    ],
    hints: ['Add it; `toryo explain` says what it means.', 'Correct the value.'],
  },
  {
    name: 'a kind that does not exist',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('kind: App', 'kind: Apps')),
    says: ['TRY-SPEC-010 apps/shop/web/app.yaml:1:7 there is no kind "Apps", did you mean "App"?'],
    hints: ['Kinds: Fleet, ClusterTemplate, Cluster, SecurityProfile, Tenant, Addon, App, Waiver.'],
  },
  {
    name: 'a kind in lower case, which is not followed by a missing tenant',
    fleet: () => aFleet().with('tenants/shop.yaml', tenantText().replace('kind: Tenant', 'kind: tenant')),
    says: ['TRY-SPEC-010 tenants/shop.yaml:1:7 there is no kind "tenant", did you mean "Tenant"?'],
    hints: ['Kinds: Fleet, ClusterTemplate, Cluster, SecurityProfile, Tenant, Addon, App, Waiver.'],
  },
  {
    name: 'a version that does not exist',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', `apiVersion: toryo.dev/v1\n${appText()}`),
    says: ['TRY-SPEC-011 apps/shop/web/app.yaml:1:13 apiVersion "toryo.dev/v1" is not known'],
    hints: ['Write apiVersion: toryo.dev/v1alpha1.'],
  },
  {
    name: 'a group that is misspelt',
    fleet: () => aFleet().with('tenants/shop.yaml', `apiVersion: toryo.io/v1alpha1\n${tenantText()}`),
    says: ['TRY-SPEC-011 tenants/shop.yaml:1:13 apiVersion "toryo.io/v1alpha1" is not known'],
    hints: ['Write apiVersion: toryo.dev/v1alpha1.'],
  },
  {
    name: 'no apiVersion',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('# apiVersion\n')),
    says: ['TRY-SPEC-004 apps/shop/web/app.yaml:1:1 the field "apiVersion" is missing'],
    hints: ['Add it; `toryo explain` says what it means.'],
  },
];

describeMistakes('what is not YAML, or not YAML that Kubernetes reads', cases);
