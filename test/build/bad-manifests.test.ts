import { afterAll, describe, expect, it } from 'vitest';
import {
  aFleet,
  appText,
  removeFleets,
  tenantText,
  type FleetBuilder,
} from '../../src/spec/testing/fleet.ts';
import { buildMistakes, compiled } from './compiled.ts';

afterAll(removeFleets);

const file = 'apps/shop/web/manifests/web.yaml';
const manifest = (text: string): FleetBuilder => aFleet().with(file, text);
const crd = (description: string): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.example.com }\nspec:\n  group: example.com\n  scope: Namespaced\n  names: { kind: Thing, plural: things }\n  description: "${description}"\n`;
const platformApp = (text: string): FleetBuilder =>
  aFleet()
    .with(
      'platform/app.yaml',
      appText()
        .replace('name: web', 'name: base')
        .replace('tenant: shop', 'tenant: platform')
        .replace('shop-web', 'base'),
    )
    .with('platform/manifests/x.yaml', text);

interface Case {
  readonly name: string;
  readonly fleet: () => FleetBuilder;
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a manifest without kind',
    fleet: () => manifest('apiVersion: v1\nmetadata: { name: web }\n'),
    says: ['TRY-OBJ-001 apps/shop/web/manifests/web.yaml:1:1 a manifest without kind'],
  },
  {
    name: 'a manifest without a name',
    fleet: () => manifest('apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'),
    says: ['TRY-OBJ-001 apps/shop/web/manifests/web.yaml:1:1 a manifest without metadata.name'],
  },
  {
    name: 'the second of two documents',
    fleet: () =>
      manifest(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n---\n# more\napiVersion: v1\nmetadata: { name: x }\n',
      ),
    says: ['TRY-OBJ-001 apps/shop/web/manifests/web.yaml:6:1 a manifest without kind'],
  },
  {
    name: 'a list as a manifest',
    fleet: () => manifest('- apiVersion: v1\n'),
    says: ['TRY-OBJ-001 apps/shop/web/manifests/web.yaml:1:1 a manifest without fields: it is not a mapping'],
  },
  {
    name: 'a manifest that is not YAML',
    fleet: () => manifest('apiVersion: v1\nkind: {\n'),
    says: [
      'TRY-YAML-001 apps/shop/web/manifests/web.yaml:3:1 not YAML: a {, [ or quote that was opened above is not closed here',
    ],
  },
  {
    name: 'a foreign namespace',
    fleet: () => manifest('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: pay }\n'),
    says: [
      'TRY-OBJ-002 apps/shop/web/manifests/web.yaml:1:1 ConfigMap/pay/web of App/shop/web is not in its namespace shop-web',
    ],
  },
  {
    name: 'a cluster-scoped object',
    fleet: () =>
      manifest('apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: web }\n'),
    says: [
      'TRY-OBJ-003 apps/shop/web/manifests/web.yaml:1:1 ClusterRole/web of App/shop/web is cluster-scoped',
    ],
  },
  {
    name: 'a Namespace',
    fleet: () => manifest('apiVersion: v1\nkind: Namespace\nmetadata: { name: web }\n'),
    says: ['TRY-OBJ-010 apps/shop/web/manifests/web.yaml:1:1 App/shop/web may not write Namespace/web'],
  },
  {
    name: 'a DaemonSet and a ResourceQuota',
    fleet: () =>
      manifest(
        'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: web }\n---\napiVersion: v1\nkind: ResourceQuota\nmetadata: { name: web }\n',
      ),
    says: [
      'TRY-OBJ-010 apps/shop/web/manifests/web.yaml:1:1 App/shop/web may not write DaemonSet/shop-web/web',
      'TRY-OBJ-010 apps/shop/web/manifests/web.yaml:5:1 App/shop/web may not write ResourceQuota/shop-web/web',
    ],
  },
  {
    name: 'a CustomResourceDefinition of a tenant',
    fleet: () => manifest(crd('x')),
    says: [
      'TRY-OBJ-003 apps/shop/web/manifests/web.yaml:1:1 CustomResourceDefinition/things.example.com of App/shop/web is cluster-scoped',
    ],
  },
  {
    name: 'a Secret with values',
    fleet: () =>
      manifest('apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { password: hunter2 }\n'),
    says: [
      'TRY-OBJ-005 apps/shop/web/manifests/web.yaml:1:1 Secret/shop-web/db has values, and Git keeps them forever',
    ],
  },
  {
    name: 'a Secret in a List',
    fleet: () =>
      manifest(
        'apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Secret, metadata: { name: db }, data: { password: aHVudGVyMg== } }\n',
      ),
    says: [
      'TRY-OBJ-005 apps/shop/web/manifests/web.yaml:4:1 Secret/shop-web/db has values, and Git keeps them forever',
    ],
  },
  {
    name: 'a NetworkPolicy',
    fleet: () =>
      manifest(
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: open }\nspec: { podSelector: {} }\n',
      ),
    says: [
      'TRY-OBJ-007 apps/shop/web/manifests/web.yaml:1:1 NetworkPolicy/shop-web/open: allows add up, so it could end the isolation of namespace shop-web',
    ],
  },
  {
    name: 'two owners of one object',
    fleet: () =>
      aFleet().with(
        'apps/shop/two/app.yaml',
        appText().replace('name: web', 'name: two').replace('manifests', '../web/manifests'),
      ),
    says: [
      'TRY-OBJ-004 apps/shop/web/manifests/web.yaml:1:1 ConfigMap/shop-web/web of App/shop/web on cluster lab, tokyo is already written by App/shop/two (apps/shop/web/manifests/web.yaml:1)',
    ],
  },
  {
    name: 'one object twice in one App',
    fleet: () =>
      manifest(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n',
      ),
    says: [
      'TRY-OBJ-004 apps/shop/web/manifests/web.yaml:5:1 ConfigMap/shop-web/web of App/shop/web on cluster lab, tokyo is already written by App/shop/web (apps/shop/web/manifests/web.yaml:1)',
    ],
  },
  {
    name: 'an object of the platform in a tenant’s namespace',
    fleet: () => platformApp('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: shop-web }\n'),
    says: [
      'TRY-OBJ-012 platform/manifests/x.yaml:1:1 ConfigMap/shop-web/x of App/platform/base stands in a namespace of tenant shop',
    ],
  },
  {
    name: 'an object that Toryo compiles itself',
    fleet: () =>
      manifest(
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: "toryo:deploy" }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: x }\n',
      ),
    says: [
      'TRY-OBJ-004 apps/shop/web/manifests/web.yaml:1:1 RoleBinding/shop-web/toryo:deploy of App/shop/web on cluster lab, tokyo is already written by Tenant/shop (tenants/shop.yaml:2)',
    ],
  },
  {
    name: '`without` that leaves nothing out',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  without: [ConfigMap/wbe]\n')),
    says: ['TRY-OBJ-008 apps/shop/web/app.yaml:8:13 no rendered object is ConfigMap/wbe'],
  },
  {
    name: '`images` that matches no container',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText('  images: { web: "r/web:1" }\n')),
    says: ['TRY-OBJ-009 apps/shop/web/app.yaml:8:13 no container runs image web'],
  },
  {
    name: 'a source without objects',
    fleet: () => manifest('# nothing\n'),
    says: ['TRY-RENDER-001 apps/shop/web/app.yaml:7:3 App/shop/web renders no object'],
  },
  {
    name: 'an alias bomb in a manifest',
    fleet: () =>
      manifest(
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n`,
      ),
    says: ['TRY-YAML-004 apps/shop/web/manifests/web.yaml:8:27 aliases expand to more than 100000 nodes'],
  },
  {
    name: 'a CRD of 10 MB',
    fleet: () => platformApp(crd('x'.repeat(10 * 1024 * 1024))),
    says: [
      'TRY-OBJ-006 platform/manifests/x.yaml:1:1 CustomResourceDefinition/things.example.com has 10.0 MiB; the API server takes 1.5 MiB',
    ],
  },
  {
    name: 'a workload that no API server reads, of which no guard says anything',
    fleet: () =>
      manifest(
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { hostPID: "yes", containers: { name: a } } } }\n',
      ),
    says: [
      'TRY-OBJ-013 apps/shop/web/manifests/web.yaml:4:38 Deployment/shop-web/web: spec.template.spec.hostPID is neither true nor false: the API server would not take it',
      'TRY-OBJ-013 apps/shop/web/manifests/web.yaml:4:57 Deployment/shop-web/web: spec.template.spec.containers is no list of objects: the API server would not take it',
    ],
  },
  {
    name: 'a custom resource that the fleet’s own definition refuses',
    fleet: () =>
      platformApp(
        `${crd('x').replace('  description: "x"\n', '  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, required: [size], properties: { size: { type: integer } } } } } } }]\n')}---\napiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a }\nspec: { size: big, colour: red }\n`,
      ),
    says: [
      'TRY-OBJ-014 platform/manifests/x.yaml:10:1 Thing/base/a on cluster lab, tokyo: spec.size: must be of type integer, not string; spec.colour: no such field',
    ],
  },
  {
    name: 'a custom resource of a version that the fleet’s own definition does not serve',
    fleet: () =>
      platformApp(`${crd('x')}---\napiVersion: example.com/v2\nkind: Thing\nmetadata: { name: a }\n`),
    says: [
      'TRY-OBJ-014 platform/manifests/x.yaml:10:1 Thing/base/a on cluster lab, tokyo: the API server has no Thing in example.com/v2',
    ],
  },
  {
    name: 'an ingress set that is for egress only',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText().replace('restricted }', 'restricted, network: { ingress: [dns] } }'),
      ),
    says: ['TRY-NET-003 tenants/shop.yaml:7:67 dns is for egress only'],
  },
];

describe('manifests that are refused', () => {
  it.each(cases)('$name', async ({ fleet, says }) => {
    const written = fleet();
    expect(await buildMistakes(written)).toEqual(says);
    expect((await compiled(written)).value).toBeUndefined();
  });

  it('all at once, whatever their files', async () => {
    const fleet = aFleet()
      .with(
        'apps/shop/web/manifests/a.yaml',
        'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ndata: { x: eA== }\n',
      )
      .with('apps/shop/web/manifests/b.yaml', 'apiVersion: v1\nkind: Node\nmetadata: { name: b }\n')
      .with(
        'apps/shop/web/manifests/c.yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: default }\n',
      );
    const { diagnostics } = await compiled(fleet);
    const errors = diagnostics.filter((one) => one.severity === 'error');
    expect(errors.map((one) => [one.code, one.at.file])).toEqual([
      ['TRY-OBJ-005', 'apps/shop/web/manifests/a.yaml'],
      ['TRY-OBJ-003', 'apps/shop/web/manifests/b.yaml'],
      ['TRY-OBJ-002', 'apps/shop/web/manifests/c.yaml'],
    ]);
  });
});

describe('manifests that pass', () => {
  it('a NetworkPolicy where the namespace says `network: own`', async () => {
    const fleet = manifest(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: open }\nspec: { podSelector: {} }\n',
    ).with('tenants/shop.yaml', tenantText().replace('restricted }', 'restricted, network: own }'));
    expect(await buildMistakes(fleet)).toEqual([]);
  });

  it('a Secret without values, and one that a Waiver names', async () => {
    const fleet = manifest(
      'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: b }\ndata: { x: eA== }\n',
    ).with(
      'waivers/b.yaml',
      'kind: Waiver\nmetadata: { name: b }\nspec: { rule: TRY-OBJ-005, target: { app: shop/web }, reason: public, owner: shop, expires: 2027-01-31 }\n',
    );
    const { value, diagnostics } = await compiled(fleet);
    expect(value?.length).toBe(2);
    expect(diagnostics.filter((one) => one.code === 'TRY-OBJ-005').map((one) => one.severity)).toEqual([
      'warning',
    ]);
  });
});
