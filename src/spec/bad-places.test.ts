import { aFleet, appText, clusterText, fleetText, tenantText } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

const cases: readonly MistakeCase[] = [
  {
    name: 'an App outside its tenant’s paths',
    fleet: () =>
      aFleet()
        .without('apps/shop/web/app.yaml')
        .with('apps/web/app.yaml', appText().replace('manifests', '../shop/web/manifests')),
    says: ['TRY-SPEC-021 apps/web/app.yaml:4:11 Apps of tenant shop live below apps/shop/**'],
    hints: ['Move the file there, or widen `paths` of the Tenant.'],
  },
  {
    name: 'an App in another tenant’s path',
    fleet: () =>
      aFleet()
        .with(
          'tenants/pay.yaml',
          tenantText()
            .replace('name: shop', 'name: pay')
            .replace('apps/shop', 'apps/pay')
            .replace('shop-web', 'pay'),
        )
        .with(
          'apps/pay/web.yaml',
          appText().replace('manifests', '../shop/web/manifests').replace('name: web', 'name: two'),
        ),
    says: ['TRY-SPEC-021 apps/pay/web.yaml:4:11 Apps of tenant shop live below apps/shop/**'],
    hints: ['Move the file there, or widen `paths` of the Tenant.'],
  },
  {
    name: 'a Waiver inside a tenant’s path',
    fleet: () =>
      aFleet().with(
        'apps/shop/w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-012, target: { app: shop/web }, reason: r, owner: o, expires: 2027-01-31 }\n',
      ),
    says: ['TRY-SPEC-022 apps/shop/w.yaml:1:7 no Waiver may stand in a path of tenant shop'],
    hints: ['Move it out: a tenant’s path holds its Apps only.'],
  },
  {
    name: 'a Tenant inside a tenant’s path',
    fleet: () =>
      aFleet().with(
        'apps/shop/t.yaml',
        'kind: Tenant\nmetadata: { name: evil }\nspec: { clusters: all, namespaces: [{ name: evil, profile: restricted }] }\n',
      ),
    says: ['TRY-SPEC-022 apps/shop/t.yaml:1:7 no Tenant may stand in a path of tenant shop'],
    hints: ['Move it out: a tenant’s path holds its Apps only.'],
  },
  {
    name: 'a SecurityProfile inside a tenant’s path',
    fleet: () =>
      aFleet().with(
        'apps/shop/p.yaml',
        'kind: SecurityProfile\nmetadata: { name: loose }\nspec: { privileged: true }\n',
      ),
    says: ['TRY-SPEC-022 apps/shop/p.yaml:1:7 no SecurityProfile may stand in a path of tenant shop'],
    hints: ['Move it out: a tenant’s path holds its Apps only.'],
  },
  {
    name: 'a Cluster inside a tenant’s path',
    fleet: () =>
      aFleet().with(
        'apps/shop/c.yaml',
        clusterText('environment: staging, provider: sandbox', 'name: evil, labels: { product: shop }'),
      ),
    says: ['TRY-SPEC-022 apps/shop/c.yaml:1:7 no Cluster may stand in a path of tenant shop'],
    hints: ['Move it out: a tenant’s path holds its Apps only.'],
  },
  {
    name: 'a Fleet inside a tenant’s path',
    fleet: () => aFleet().with('apps/shop/f.yaml', fleetText('[{ name: a, select: all }]')),
    says: [
      'TRY-SPEC-022 apps/shop/f.yaml:1:7 no Fleet may stand in a path of tenant shop',
      'TRY-SPEC-020 fleet.yaml:2:19 another Fleet stands at apps/shop/f.yaml:2',
    ],
    hints: ['Move it out: a tenant’s path holds its Apps only.', 'A repository has one Fleet.'],
  },
  {
    name: 'two tenants with one namespace on one cluster',
    fleet: () =>
      aFleet().with(
        'tenants/pay.yaml',
        'kind: Tenant\nmetadata: { name: pay }\nspec: { clusters: { name: lab }, namespaces: [{ name: shop-web, profile: restricted }] }\n',
      ),
    says: [
      'TRY-SPEC-023 tenants/shop.yaml:7:15 namespace shop-web on cluster lab already belongs to tenant pay (tenants/pay.yaml:2)',
    ],
    hints: ['A namespace has one tenant on a cluster: rename one.'],
  },
  {
    name: 'namespaces of the platform',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText(
          '    - { name: kube-shop, profile: restricted }\n    - { name: default, profile: restricted }\n    - { name: toryo-system, profile: restricted }\n',
        ),
      ),
    says: [
      'TRY-SPEC-024 tenants/shop.yaml:8:15 namespace kube-shop belongs to the platform',
      'TRY-SPEC-024 tenants/shop.yaml:9:15 namespace default belongs to the platform',
      'TRY-SPEC-024 tenants/shop.yaml:10:15 namespace toryo-system belongs to the platform',
    ],
    hints: ['Choose another name: kube-*, default and toryo-system are taken.'],
  },
  {
    name: 'one host on two clusters',
    fleet: () =>
      aFleet()
        .with('tenants/shop.yaml', tenantText('  hosts: [a.example.com]\n'))
        .with(
          'apps/shop/web/app.yaml',
          appText('  expose: { host: a.example.com, service: web, port: 80 }\n'),
        ),
    says: [
      'TRY-SPEC-025 apps/shop/web/app.yaml:8:19 host a.example.com is already exposed by App/shop/web on lab (apps/shop/web/app.yaml:8)',
    ],
    hints: ['One host: one cluster, or one switch pair.'],
  },
  {
    name: 'hosts outside the tenant’s hosts',
    fleet: () =>
      aFleet()
        .with('tenants/shop.yaml', tenantText('  hosts: [a.example.com, "*.lab.example.com"]\n'))
        .with(
          'apps/shop/web/app.yaml',
          appText('  expose: { host: "${cluster.name}.example.com", service: web, port: 80 }\n'),
        ),
    says: [
      'TRY-SPEC-026 apps/shop/web/app.yaml:8:19 host lab.example.com is not one of tenant shop (a.example.com, *.lab.example.com)',
      'TRY-SPEC-026 apps/shop/web/app.yaml:8:19 host tokyo.example.com is not one of tenant shop (a.example.com, *.lab.example.com)',
    ],
    hints: ['Correct the host, or add it to `hosts` of the Tenant.'],
  },
  {
    name: 'a group of Kubernetes itself',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText('  teams: [{ name: dev, group: "system:masters", can: [edit] }]\n'),
      ),
    says: ['TRY-SPEC-027 tenants/shop.yaml:8:31 "system:masters" is reserved for Kubernetes itself'],
    hints: ['Bind a group of your own.'],
  },
  {
    name: 'a user of Kubernetes itself',
    fleet: () =>
      aFleet().with(
        'tenants/shop.yaml',
        tenantText('  teams: [{ name: dev, user: "system:admin", can: [edit] }]\n'),
      ),
    says: ['TRY-SPEC-027 tenants/shop.yaml:8:30 "system:admin" is reserved for Kubernetes itself'],
    hints: ['Bind a group of your own.'],
  },
  {
    name: 'the built-in tenant',
    fleet: () =>
      aFleet().with(
        'p.yaml',
        'kind: Tenant\nmetadata: { name: platform }\nspec: { clusters: all, namespaces: [{ name: pp, profile: restricted }] }\n',
      ),
    says: ['TRY-SPEC-028 p.yaml:2:19 tenant platform is built in'],
    hints: ['Leave the document out; Apps may name the tenant.'],
  },
  {
    name: 'an App on a cluster that its tenant is not on',
    fleet: () =>
      aFleet().with('tenants/shop.yaml', tenantText().replace('{ product: shop }', '{ name: lab }')),
    says: [
      'TRY-SPEC-038 apps/shop/web/app.yaml:6:13 App/shop/web selects cluster tokyo, where tenant shop is not',
    ],
    hints: ['Narrow `clusters` of the App, or widen those of the Tenant.'],
  },
  {
    name: 'an expired Waiver',
    fleet: () =>
      aFleet().with(
        'w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-012, target: { app: shop/web }, reason: r, owner: o, expires: 2026-01-31 }\n',
      ),
    says: [
      'TRY-SPEC-035 w.yaml:3:85 the Waiver expired on 2026-01-31: from that day on the rule holds again',
    ],
    hints: ['Correct what it waives, or renew it with a reason.'],
  },
  {
    name: 'a path out of the repository',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', appText().replace('path: manifests', 'path: ../../../../etc')),
    says: ['TRY-SPEC-030 apps/shop/web/app.yaml:7:19 ../../../../etc leads out of the repository'],
    hints: ['Everything that a fleet uses stands in its repository.'],
  },
  {
    name: 'an absolute path',
    fleet: () => aFleet().with('apps/shop/web/app.yaml', appText().replace('path: manifests', 'path: /etc')),
    says: ['TRY-SPEC-030 apps/shop/web/app.yaml:7:19 /etc leads out of the repository'],
    hints: ['Everything that a fleet uses stands in its repository.'],
  },
  {
    name: 'a path that does not exist',
    fleet: () =>
      aFleet().with('apps/shop/web/app.yaml', appText().replace('path: manifests', 'path: manifest')),
    says: ['TRY-SPEC-029 apps/shop/web/app.yaml:7:19 there is no manifest'],
    hints: ['Paths are relative to the file that names them.'],
  },
  {
    name: 'a path out of the repository by a link',
    fleet: () =>
      aFleet()
        .with('apps/shop/web/app.yaml', appText().replace('path: manifests', 'path: out'))
        .linked('apps/shop/web/out', '/etc'),
    says: [
      'TRY-SPEC-030 apps/shop/web/app.yaml:7:19 out leads out of the repository',
      'TRY-SPEC-030 apps/shop/web/out:1:1 apps/shop/web/out leads out of the repository',
    ],
    hints: ['Everything that a fleet uses stands in its repository.'],
  },
  {
    name: 'links out of the repository',
    fleet: () => aFleet().linked('apps/out', '/etc').linked('passwd.yaml', '/etc/passwd'),
    says: [
      'TRY-SPEC-030 apps/out:1:1 apps/out leads out of the repository',
      'TRY-SPEC-030 passwd.yaml:1:1 passwd.yaml leads out of the repository',
    ],
    hints: ['Everything that a fleet uses stands in its repository.'],
  },
  {
    name: 'links that loop, and one to nothing',
    fleet: () => aFleet().linked('apps/loop', '..').linked('self', 'self').linked('gone', 'nowhere'),
    says: [
      'TRY-SPEC-031 apps/loop:1:1 apps/loop is a symbolic link that leads back to itself',
      'TRY-SPEC-031 gone:1:1 gone is a symbolic link that leads nowhere',
      'TRY-SPEC-031 self:1:1 self is a symbolic link that leads back to itself',
    ],
    hints: ['Remove the link.'],
  },
];

describeMistakes('who may write what, and where', cases);
