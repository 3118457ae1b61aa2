import { afterAll, describe, expect, it } from 'vitest';
import { at } from '../../src/lib/index.ts';
import type { KubeObject } from '../../src/objects/index.ts';
import { aFleet, removeFleets, shown, tenantText, type FleetBuilder } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const web = 'apps/shop/web/manifests/web.yaml';
const profile = (fields: string, name = 'restricted'): string =>
  `kind: SecurityProfile\nmetadata: { name: ${name} }\nspec: { ${fields} }\n`;
const waiver = (rule: string, target: string, expires = '2026-12-31'): string =>
  `kind: Waiver\nmetadata: { name: legacy }\nspec: { rule: ${rule}, target: { ${target} }, reason: r, owner: platform, expires: ${expires} }\n`;
const own = 'allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, readOnlyRootFilesystem: true';
const pod = (name: string, container: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  securityContext: { seccompProfile: { type: RuntimeDefault } }
  ${more}
  containers: [{ name: web, image: web, securityContext: { ${container} } }]
`;
const asRoot = pod('web', `${own}, runAsUser: 0`);

async function securityOf(fleet: FleetBuilder): Promise<readonly string[]> {
  const { diagnostics } = await compiled(fleet);
  return shown(diagnostics.filter((one) => one.code.startsWith('TRY-SEC'))).map((text) => text.slice(0, 11));
}

async function objectsOf(fleet: FleetBuilder): Promise<readonly KubeObject[]> {
  const { value, diagnostics } = await compiled(fleet);
  expect(shown(diagnostics.filter((one) => one.severity === 'error'))).toEqual([]);
  return (value?.find(({ cluster }) => cluster === 'lab')?.manifests ?? []).map(({ object }) => object);
}

const labelsOf = (objects: readonly KubeObject[]) =>
  objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'shop-web')?.metadata.labels;

describe('a profile', () => {
  it('is told where a pod breaks it, with the rule', async () => {
    const fleet = aFleet().with(web, pod('web', 'runAsNonRoot: true, readOnlyRootFilesystem: true'));
    expect(await securityOf(fleet)).toEqual(['TRY-SEC-001', 'TRY-SEC-011', 'TRY-SEC-016']);
  });

  it('is told at the field that breaks it, or the nearest above it, and names the field', async () => {
    const fleet = aFleet().with(web, pod('web', `${own}, runAsUser: 0, privileged: true`));
    const { diagnostics } = await compiled(fleet);
    const at = (code: string) =>
      shown(diagnostics.filter((one) => one.code === code && one.severity === 'error'))[0];
    const told = (place: string, sentence: string, field: string): string =>
      `${place} Pod/shop-web/web on cluster lab, tokyo: ${sentence}: container web (profile restricted): spec.containers[0].${field}`;
    const file = 'apps/shop/web/manifests/web.yaml';
    expect(at('TRY-SEC-010')).toBe(
      told(`TRY-SEC-010 ${file}:7:180`, 'must not be privileged', 'securityContext.privileged'),
    );
    expect(at('TRY-SEC-012')).toContain(`TRY-SEC-012 ${file}:7:165`);
  });

  it('fills what it says to fill, where nothing is said', async () => {
    const fill = 'fill: [seccomp, runAsNonRoot, allowPrivilegeEscalation, dropCapabilities]';
    const fleet = aFleet()
      .with('profiles/restricted.yaml', profile(fill))
      .with(
        web,
        'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: web, securityContext: { readOnlyRootFilesystem: true } }] }\n',
      );
    const made = (await objectsOf(fleet)).find(({ kind }) => kind === 'Pod');
    const { value } = await compiled(fleet);
    const manifest = value?.flatMap(({ manifests }) => manifests).find(({ object }) => object.kind === 'Pod');
    expect(manifest?.filled).toEqual([
      'securityContext.seccompProfile',
      'securityContext.runAsNonRoot',
      'containers[0].securityContext.capabilities.drop',
      'containers[0].securityContext.allowPrivilegeEscalation',
    ]);
    expect(made?.['spec']).toEqual({
      securityContext: { seccompProfile: { type: 'RuntimeDefault' }, runAsNonRoot: true },
      containers: [
        {
          name: 'web',
          image: 'web',
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it('that is tried refuses nothing, warns, and is told', async () => {
    const fleet = aFleet()
      .with('profiles/stricter.yaml', profile('', 'stricter'))
      .with(
        'tenants/shop.yaml',
        tenantText('').replace('profile: restricted', 'profile: restricted, trial: { profile: stricter }'),
      )
      .with(web, pod('web', own.replace('true', 'false').concat(', runAsNonRoot: true')));
    expect(await securityOf(fleet)).toEqual(['TRY-SEC-047']);
    const objects = await objectsOf(fleet);
    expect(labelsOf(objects)).toMatchObject({
      'toryo.dev/guard': 'profile.restricted',
      'toryo.dev/trial': 'warn.profile.stricter',
    });
    const tried = objects.find(({ metadata }) => metadata.name === 'toryo-pod-users.warn.profile.stricter');
    expect(at(tried, 'spec', 'validationActions')).toEqual(['Audit', 'Warn']);
  });

  it('of a service account is refused where a team could borrow it', async () => {
    const fleet = aFleet()
      .with('profiles/open.yaml', profile('privileged: true', 'open'))
      .with(
        'tenants/shop.yaml',
        tenantText('  teams: [{ name: dev, group: "shop:dev", can: [edit] }]\n').replace(
          'profile: restricted',
          'profile: restricted, serviceAccounts: { agent: open }',
        ),
      );
    expect(await securityOf(fleet)).toEqual(['TRY-SEC-046']);
  });

  it('of a service account raises the ceiling of Pod Security and may be used by the tenant’s deployer', async () => {
    const fleet = aFleet()
      .with('profiles/open.yaml', profile('privileged: true', 'open'))
      .with(
        'tenants/shop.yaml',
        tenantText('').replace(
          'profile: restricted',
          'profile: restricted, serviceAccounts: { agent: open }',
        ),
      );
    const objects = await objectsOf(fleet);
    expect(labelsOf(objects)).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/warn': 'baseline',
      'toryo.dev/guard': 'namespace.shop-web',
    });
    const role = objects.find(({ metadata }) => metadata.name === 'toryo:use:namespace.shop-web');
    expect(at(role, 'rules', 0, 'resourceNames')).toEqual(['namespace.shop-web']);
  });
});

describe('a Waiver', () => {
  const waivable = profile('waivable: { rules: [TRY-SEC-012], atMost: 90d }');

  it('lets in its App’s container, and Pod Security with it', async () => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/legacy.yaml', waiver('TRY-SEC-012', 'app: shop/web, container: web'))
      .with(web, asRoot);
    expect(await securityOf(fleet)).toEqual([]);
    expect(labelsOf(await objectsOf(fleet))).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'baseline',
    });
  });

  it.each([
    [
      'that the profile does not let be asked for',
      profile(''),
      waiver('TRY-SEC-012', 'app: shop/web'),
      'TRY-SEC-050',
    ],
    ['that lasts too long', waivable, waiver('TRY-SEC-012', 'app: shop/web', '2099-01-01'), 'TRY-SEC-051'],
  ])('%s is a mistake', async (_what, profileText, waiverText, code) => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', profileText)
      .with('waivers/legacy.yaml', waiverText)
      .with(web, asRoot);
    expect(await securityOf(fleet)).toEqual([code]);
  });

  it('that nothing needs is told', async () => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/legacy.yaml', waiver('TRY-SEC-012', 'app: shop/web'));
    expect(await securityOf(fleet)).toEqual(['TRY-SEC-052']);
  });

  it.each([
    ['TRY-SEC-999', 'there is no rule TRY-SEC-999'],
    ['TRY-SEC-041', 'TRY-SEC-041 (DaemonSets of tenants) cannot be waived'],
  ])('of %s is a mistake, and so is a profile that lets it be waived', async (rule, sentence) => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', profile(`waivable: { rules: [${rule}], atMost: 90d }`))
      .with('waivers/legacy.yaml', waiver(rule, 'app: shop/web'));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.severity === 'error'))).toEqual([
      `TRY-SEC-054 waivers/legacy.yaml:3:15 ${sentence}`,
      `TRY-SEC-054 profiles/restricted.yaml:3:29 waivable.rules: ${sentence}`,
    ]);
  });

  it('of an owner that is no team, and of a container that no pod has, is told', async () => {
    const fleet = aFleet()
      .with(
        'tenants/shop.yaml',
        tenantText('  teams: [{ name: shop-dev, group: "shop:dev", can: [view] }]\n'),
      )
      .with('profiles/restricted.yaml', waivable)
      .with(
        'waivers/legacy.yaml',
        waiver('TRY-SEC-012', 'app: shop/web, container: wep').replace('platform', 'shop-dve'),
      )
      .with(web, pod('web', `${own}, runAsNonRoot: true`));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code.startsWith('TRY-SEC')))).toEqual([
      'TRY-SEC-055 waivers/legacy.yaml:3:89 owner "shop-dve" is no team of a tenant and not platform, did you mean "shop-dev"?',
      'TRY-SEC-052 waivers/legacy.yaml:2:19 nothing that it is for breaks TRY-SEC-012 (namespace shop-web: Pod Security enforce restricted -> baseline, all the same): none of its pods has a container "wep", did you mean "web"?',
    ]);
  });

  it('that nothing needs says what it opens all the same', async () => {
    const fleet = aFleet()
      .with(
        'profiles/restricted.yaml',
        profile('waivable: { rules: [TRY-SEC-019, TRY-SEC-012], atMost: 90d }'),
      )
      .with('waivers/legacy.yaml', waiver('TRY-SEC-019', 'namespace: shop-web'));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code.startsWith('TRY-SEC')))).toEqual([
      'TRY-SEC-052 waivers/legacy.yaml:2:19 nothing that it is for breaks TRY-SEC-019 (namespace shop-web: Pod Security enforce restricted -> privileged, all the same)',
    ]);
  });

  it('that another Waiver makes needless is told', async () => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/a.yaml', waiver('TRY-SEC-012', 'app: shop/web').replace('legacy', 'first'))
      .with('waivers/b.yaml', waiver('TRY-SEC-012', 'app: shop/web').replace('legacy', 'second'))
      .with(web, asRoot);
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code.startsWith('TRY-SEC')))).toEqual([
      'TRY-SEC-052 waivers/b.yaml:2:19 Waiver/first (waivers/a.yaml:2) lets the same in',
    ]);
    const lasting = aFleet()
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/a.yaml', waiver('TRY-SEC-012', 'app: shop/web', '2026-12-01').replace('legacy', 'first'))
      .with('waivers/b.yaml', waiver('TRY-SEC-012', 'app: shop/web, container: web'))
      .with(web, asRoot);
    expect(await securityOf(lasting)).toEqual([]);
  });

  it.each([
    ['app: shop/web', '', 'any pod of service account default that team dev may write'],
    ['namespace: shop-web', '', 'any pod that team dev may write'],
    ['app: shop/web', 'serviceAccountName: web', undefined],
  ])('for %s %s where a team may edit lets in more', async (target, account, what) => {
    const fleet = aFleet()
      .with('tenants/shop.yaml', tenantText('  teams: [{ name: dev, group: "shop:dev", can: [edit] }]\n'))
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/legacy.yaml', waiver('TRY-SEC-012', target))
      .with(web, pod('web', `${own}, runAsUser: 0`, account));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code.startsWith('TRY-SEC')))).toEqual(
      what === undefined
        ? []
        : [`TRY-SEC-053 waivers/legacy.yaml:2:19 it lets in ${what} in namespace shop-web`],
    );
  });

  it('that may not be is told once, at its rule, whatever it is for', async () => {
    const fleet = aFleet()
      .with('tenants/shop.yaml', tenantText('    - { name: shop-db, profile: restricted }\n'))
      .with('waivers/legacy.yaml', waiver('TRY-SEC-012', ''));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter(({ code }) => code === 'TRY-SEC-050'))).toEqual([
      'TRY-SEC-050 waivers/legacy.yaml:3:15 profile restricted of namespace shop-web, shop-db does not let TRY-SEC-012 be waived',
    ]);
  });

  it('that another App profits from is told', async () => {
    const fleet = aFleet()
      .with('profiles/restricted.yaml', waivable)
      .with('waivers/legacy.yaml', waiver('TRY-SEC-012', 'app: shop/web, container: web'))
      .with(web, asRoot)
      .with(
        'apps/shop/other/app.yaml',
        'kind: App\nmetadata: { name: other }\nspec: { tenant: shop, namespace: shop-web, clusters: all, source: { path: manifests } }\n',
      )
      .with('apps/shop/other/manifests/other.yaml', pod('other', `${own}, runAsUser: 0`));
    expect(await securityOf(fleet)).toEqual(['TRY-SEC-053']);
  });
});

describe('a policy of the fleet’s own', () => {
  const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: labelled }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods] }] }
  validations: [{ expression: "has(object.metadata.labels) && 'team' in object.metadata.labels", message: it names no team }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: labelled }
spec: { policyName: labelled, validationActions: [Deny] }
`;
  const bring = (fleet: FleetBuilder) =>
    fleet
      .with(
        'apps/platform/policies/app.yaml',
        'kind: App\nmetadata: { name: policies }\nspec: { tenant: platform, namespace: kube-system, clusters: all, source: { path: manifests } }\n',
      )
      .with('apps/platform/policies/manifests/policy.yaml', policy);

  it('is told as the API server would tell it', async () => {
    const fleet = bring(aFleet()).with(web, pod('web', `${own}, runAsNonRoot: true`));
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code === 'TRY-SEC-062'))).toEqual([
      `TRY-SEC-062 ${web}:1:1 Pod/shop-web/web on cluster lab, tokyo: ValidatingAdmissionPolicy 'labelled' with binding 'labelled' denied request: it names no team`,
    ]);
    const labelled = pod('web', `${own}, runAsNonRoot: true`).replace(
      '{ name: web }',
      '{ name: web, labels: { team: shop } }',
    );
    expect(await securityOf(bring(aFleet()).with(web, labelled))).toEqual([]);
  });
});
