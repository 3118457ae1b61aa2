import { afterAll, describe, expect, it } from 'vitest';
import {
  aFleet,
  appText,
  clusterText,
  fleetText,
  removeFleets,
  shown,
  tenantText,
  type FleetBuilder,
} from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { password: hunter2 }\n';
const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: root }\nspec:\n  hostPID: true\n  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }\n  containers: [{ name: a, image: "r/a:1", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }]\n';
const waiver = (text: string): string =>
  `kind: Waiver\nmetadata: { name: w }\nspec: { ${text}, owner: platform, expires: 2027-01-31 }\n`;

const leaked =
  'TRY-OBJ-005 apps/shop/two/manifests/x.yaml:1:1 Secret/shop-web/db has values, and Git keeps them forever';
const hostPid =
  'TRY-SEC-020 apps/shop/two/manifests/x.yaml:10:12 Pod/shop-web/root on cluster lab, tokyo: must not share namespaces of the node: pod (hostPID) (profile restricted): spec.hostPID';
const podSecurity =
  'TRY-SEC-001 apps/shop/two/manifests/x.yaml:6:1 Pod/shop-web/root on cluster lab, tokyo: the API server would refuse its pods for hostNamespaces: violates PodSecurity "restricted:v1.35": host namespaces (hostPID=true)';
const told = (what: string, place = 'fleet.yaml:2:19'): string =>
  `TRY-SPEC-050 ${place} because of the mistakes above ${what}`;

/** A second App with mistakes of later stages. */
const two = (text = `${secret}---\n${pod}`): FleetBuilder =>
  aFleet()
    .with('apps/shop/two/app.yaml', appText().replace('name: web', 'name: two'))
    .with('apps/shop/two/manifests/x.yaml', text);

interface Case {
  readonly name: string;
  readonly fleet: () => FleetBuilder;
  /** Every error and note, in the order in which they are told. */
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'an App that cannot be read, and another’s manifests',
    fleet: () => two(secret).with('apps/shop/web/app.yaml', appText('  image: { a: b }\n')),
    says: [
      'TRY-SPEC-001 apps/shop/web/app.yaml:8:3 unknown key "image", did you mean "images"?',
      leaked,
      told('1 App was not compiled'),
    ],
  },
  {
    name: 'an App whose tenant is missing, and its own manifests',
    fleet: () =>
      two(secret).with(
        'apps/shop/two/app.yaml',
        appText().replace('name: web', 'name: two').replace('tenant: shop', 'tenant: shp'),
      ),
    says: [
      'TRY-SPEC-013 apps/shop/two/app.yaml:4:11 there is no Tenant "shp", did you mean "shop"?',
      leaked,
      told('1 App was not held against guards'),
    ],
  },
  {
    name: 'a manifest that is not YAML, and another of its App',
    fleet: () =>
      aFleet()
        .with('apps/shop/web/app.yaml', appText('  without: [ConfigMap/elsewhere]\n'))
        .with('apps/shop/web/manifests/a.yaml', 'kind: {\n')
        .with('apps/shop/web/manifests/b.yaml', secret),
    says: [
      'TRY-YAML-001 apps/shop/web/manifests/a.yaml:2:1 not YAML: a {, [ or quote that was opened above is not closed here',
      leaked.replace('two/manifests/x', 'web/manifests/b'),
    ],
  },
  {
    name: 'a source that is not there, and another’s manifests',
    fleet: () => two(secret).with('apps/shop/web/app.yaml', appText().replace('manifests', 'manifest')),
    says: [
      'TRY-SPEC-029 apps/shop/web/app.yaml:7:19 there is no manifest',
      leaked,
      told('1 App was not compiled'),
    ],
  },
  {
    name: 'a Fleet that cannot be read, and manifests and guards of its Apps',
    fleet: () => two().with('fleet.yaml', fleetText('[{ name: a, select: all }]').replace('waves', 'wave')),
    says: [
      'TRY-SPEC-001 fleet.yaml:5:3 unknown key "wave", did you mean "waves"?',
      leaked,
      podSecurity,
      hostPid,
    ],
  },
  {
    name: 'no Fleet, and manifests',
    fleet: () => two(secret).without('fleet.yaml'),
    says: ['TRY-SPEC-019 .:1:1 no document of kind Fleet below ROOT', leaked],
  },
  {
    name: 'a cluster that cannot be read, and what is on the other',
    fleet: () => two(secret).with('clusters/lab.yaml', clusterText('environment: staging, provider: sandbx')),
    says: [
      'TRY-SPEC-005 clusters/lab.yaml:3:41 "sandbx" is not one of eks, onprem, kubeconfig, sandbox, did you mean "sandbox"?',
      leaked,
      told('1 Cluster was not compiled'),
    ],
  },
  {
    name: 'a cluster without a wave, and what is on it',
    fleet: () => two(secret).with('fleet.yaml', fleetText('[{ name: a, select: { environment: staging } }]')),
    says: ['TRY-SPEC-014 clusters/tokyo.yaml:2:19 no wave of the Fleet selects cluster tokyo', leaked],
  },
  {
    name: 'a profile that cannot be read: its namespaces are not held against another',
    fleet: () =>
      two().with(
        'profiles/restricted.yaml',
        'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { hostPidd: true }\n',
      ),
    says: [
      'TRY-SPEC-001 profiles/restricted.yaml:3:9 unknown key "hostPidd", did you mean "hostPID"?',
      leaked,
      told('2 Apps were not held against guards'),
    ],
  },
  {
    name: 'a profile that cannot be read, and a service account that another profile is for',
    fleet: () =>
      aFleet()
        .with(
          'tenants/shop.yaml',
          tenantText(
            '      serviceAccounts: { root: loose }\n  teams: [{ name: dev, group: "shop:dev", can: [edit] }]\n',
          ).replace(
            '- { name: shop-web, profile: restricted }',
            '- name: shop-web\n      profile: restricted',
          ),
        )
        .with('profiles/loose.yaml', 'kind: SecurityProfile\nmetadata: { name: loose }\nspec: {}\n')
        .with(
          'profiles/restricted.yaml',
          'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { hostPidd: true }\n',
        ),
    says: [
      'TRY-SPEC-001 profiles/restricted.yaml:3:9 unknown key "hostPidd", did you mean "hostPID"?',
      'TRY-SEC-046 tenants/shop.yaml:9:24 team dev may write workloads in namespace shop-web, and with them borrow profile loose of its service account',
      told('1 App was not held against guards'),
    ],
  },
  {
    name: 'a Waiver of a rule that is none, for an App that is none, until no day',
    fleet: () =>
      aFleet().with(
        'w.yaml',
        'kind: Waiver\nmetadata: { name: w }\nspec: { rule: TRY-SEC-999, target: { app: shop/twoo }, reason: r, owner: platform, expires: soon }\n',
      ),
    says: [
      'TRY-SPEC-013 w.yaml:3:43 there is no App/shop/twoo, did you mean "App/shop/web"?',
      'TRY-SPEC-007 w.yaml:3:93 "soon" is not a day such as 2026-12-28',
      'TRY-SEC-054 w.yaml:3:15 there is no rule TRY-SEC-999',
    ],
  },
  {
    name: 'a profile that is missing, and the other namespace of the tenant',
    fleet: () =>
      two()
        .with('tenants/shop.yaml', tenantText('    - { name: shop-db, profile: restrictd }\n'))
        .with('apps/shop/web/app.yaml', appText().replace('shop-web', 'shop-db')),
    says: [
      'TRY-SPEC-013 tenants/shop.yaml:8:33 there is no SecurityProfile "restrictd", did you mean "restricted"?',
      leaked,
      podSecurity,
      hostPid,
      told('1 App was not held against guards'),
    ],
  },
  {
    name: 'a Tenant that cannot be read: its NetworkPolicies may be its own',
    fleet: () =>
      two(
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: open }\nspec: { podSelector: {} }\n',
      ).with('tenants/shop.yaml', tenantText('  teems: []\n')),
    says: [
      'TRY-SPEC-001 tenants/shop.yaml:8:3 unknown key "teems", did you mean "teams"?',
      told('1 Tenant was not compiled; 2 Apps were not held against guards'),
    ],
  },
  {
    name: 'one namespace of two tenants',
    fleet: () =>
      two(secret).with(
        'tenants/zoo.yaml',
        tenantText().replace('name: shop }', 'name: zoo }').replace('apps/shop', 'apps/zoo'),
      ),
    says: [
      'TRY-SPEC-023 tenants/zoo.yaml:7:15 namespace shop-web on cluster lab, tokyo already belongs to tenant shop (tenants/shop.yaml:2)',
      leaked,
      told('2 Apps were not held against guards'),
    ],
  },
  {
    name: 'a Waiver that cannot be read: what it is for is not told',
    fleet: () => two().with('w.yaml', waiver('rule: TRY-SEC-020, target: { app: shop/two }, resaon: r')),
    says: [
      'TRY-SPEC-001 w.yaml:3:55 unknown key "resaon", did you mean "reason"?',
      leaked,
      told('what Waivers may let in was not judged'),
    ],
  },
  {
    name: 'a Waiver for another App, and what it is not for',
    fleet: () =>
      two(pod.replace('hostPID', 'hostIPC')).with(
        'w.yaml',
        waiver('rule: TRY-SEC-013, target: { app: shop/twoo }, reason: r'),
      ),
    says: [
      'TRY-SPEC-013 w.yaml:3:43 there is no App/shop/twoo, did you mean "App/shop/two"?',
      hostPid.replace(':10:12', ':5:12').replaceAll('hostPID', 'hostIPC'),
      told('what Waivers may let in was not judged'),
    ],
  },
  {
    name: 'a Waiver of a Secret that cannot be read',
    fleet: () =>
      two(secret).with('w.yaml', waiver('rule: TRY-OBJ-005, target: { app: shop/two }, resaon: r')),
    says: ['TRY-SPEC-001 w.yaml:3:55 unknown key "resaon", did you mean "reason"?'],
  },
  {
    name: 'a lock file that cannot be read: nothing is missing in it',
    fleet: () =>
      two(secret)
        .with(
          'profiles/restricted.yaml',
          'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { readOnlyRootFilesystem: false, images: { digest: required } }\n',
        )
        .with('apps/shop/web/manifests/pod.yaml', pod.replace('  hostPID: true\n', ''))
        .with('toryo.lock/app-shop-web.yaml', 'kind: App\nname: wob\n'),
    says: [
      'TRY-LOCK-003 toryo.lock/app-shop-web.yaml:1:1 this lock file cannot be read: kind and name do not fit its file name',
      leaked,
    ],
  },
];

describe('mistakes of several stages', () => {
  it.each(cases)('$name', async ({ fleet, says }) => {
    const written = fleet();
    const { value, diagnostics } = await compiled(written);
    expect(value).toBeUndefined();
    const found = shown(diagnostics.filter((one) => one.severity !== 'warning'));
    expect(found.map((line) => line.replaceAll(written.write(), 'ROOT'))).toEqual(says);
  });

  it('leave no warning that something is missing', async () => {
    const fleet = aFleet()
      .with('apps/shop/web/app.yaml', appText('  image: { a: b }\n'))
      .with(
        'w.yaml',
        waiver('rule: TRY-SEC-013, target: { app: shop/web }, reason: r').replace('platform', 'dev'),
      )
      .with('profiles/restricted.yaml', 'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: {}\n');
    const { diagnostics } = await compiled(fleet);
    const codes = diagnostics.map(({ code }) => code);
    expect(codes).not.toContain('TRY-SEC-052');
    expect(codes).not.toContain('TRY-SEC-055');
  });
});
