import { afterAll, describe, expect, it } from 'vitest';
import { failure } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import { aFleet, quietRun, removeFleets, type FleetBuilder } from '../spec/testing/fleet.ts';
import { verdicts } from './verdicts.ts';

afterAll(removeFleets);

const from = { file: 'pod.yaml', line: 1, column: 1, path: '' };
const secure = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const resources = { limits: { cpu: '4', memory: '1Gi' }, requests: { cpu: '4', memory: '1Gi' } };
const pod = (spec: object = {}, own: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop-web' },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'a', image: 'a', securityContext: secure, resources, ...own }],
    ...spec,
  },
});

/** What decides on a cluster, as `RULE field value file:line`. */
async function why(fleet: FleetBuilder, object: KubeObject, cluster = 'lab'): Promise<readonly string[]> {
  const request = { owners: [], clusters: [cluster], objects: [{ object, from }] };
  const { value } = await verdicts(fleet.write(), request, { env: process.env }, quietRun);
  if (value === undefined) throw failure('TORYO_USAGE', { why: 'no verdict' });
  return value.verdicts.flatMap(({ verdict }) =>
    [...verdict.violations, ...verdict.tried].flatMap((one) =>
      one.why.map(
        ({ field, value: said, isWritten, at }) =>
          `${one.rule} ${field}${isWritten ? '' : ' (left out)'} ${JSON.stringify(said)} ${at.file}:${at.line}`,
      ),
    ),
  );
}

const profile = (name: string, fields: string): string =>
  `kind: SecurityProfile\nmetadata: { name: ${name} }\nspec:\n${fields}`;
const tenant = (namespace: string, more = ''): string => `kind: Tenant
metadata: { name: shop }
spec:
  clusters: { product: shop }
  paths: [apps/shop/**]
  namespaces:
    - name: shop-web
      profile: restricted
${namespace}${more}`;
const loose = '  readOnlyRootFilesystem: false\n';

describe('why a pod is refused', () => {
  it('is the line of the field, or of the spec that leaves it out, and who gives the profile', async () => {
    const fleet = aFleet().with(
      'profiles/restricted.yaml',
      profile('restricted', '  privileged: false\n  readOnlyRootFilesystem: true\n'),
    );
    expect(await why(fleet, pod({ runtimeClassName: 'gvisor' }))).toEqual([
      'TRY-SEC-027 readOnlyRootFilesystem true profiles/restricted.yaml:5',
      'TRY-SEC-027 profile "restricted" tenants/shop.yaml:7',
      'TRY-SEC-031 runtimeClasses (left out) [] profiles/restricted.yaml:3',
      'TRY-SEC-031 profile "restricted" tenants/shop.yaml:7',
    ]);
  });

  it('is the field that forbids, where two fields say something of it', async () => {
    const fields =
      '  readOnlyRootFilesystem: false\n  forbiddenSysctls: [net.ipv4.tcp_syncookies]\n  images:\n    registries:\n      - r.example.com\n';
    const fleet = aFleet().with('profiles/restricted.yaml', profile('restricted', fields));
    const sysctls = [{ name: 'net.ipv4.tcp_syncookies', value: '1' }];
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, sysctls };
    expect(await why(fleet, pod({ securityContext }))).toEqual([
      'TRY-SEC-026 forbiddenSysctls ["net.ipv4.tcp_syncookies"] profiles/restricted.yaml:5',
      'TRY-SEC-026 profile "restricted" tenants/shop.yaml:7',
      'TRY-SEC-028 images.registries ["r.example.com"] profiles/restricted.yaml:7',
      'TRY-SEC-028 profile "restricted" tenants/shop.yaml:7',
    ]);
  });

  it('is the override, the service account or the trial that names the profile', async () => {
    const namespace = '      serviceAccounts: { agent: own }\n      trial: { profile: stricter }\n';
    const override =
      '  overrides:\n    - select: { name: tokyo }\n      namespaces:\n        - { name: shop-web, profile: other }\n';
    const fleet = aFleet()
      .with('profiles/restricted.yaml', profile('restricted', loose))
      .with('profiles/other.yaml', profile('other', loose))
      .with('profiles/own.yaml', profile('own', loose))
      .with('profiles/stricter.yaml', profile('stricter', '  readOnlyRootFilesystem: true\n'))
      .with('tenants/shop.yaml', tenant(namespace, override));
    const classed = pod({ runtimeClassName: 'gvisor' }, { securityContext: { ...secure } });
    const tried = [
      'TRY-SEC-027 readOnlyRootFilesystem true profiles/stricter.yaml:4',
      'TRY-SEC-027 trial.profile "stricter" tenants/shop.yaml:10',
      'TRY-SEC-031 runtimeClasses (left out) [] profiles/stricter.yaml:3',
      'TRY-SEC-031 trial.profile "stricter" tenants/shop.yaml:10',
    ];
    expect(await why(fleet, classed)).toEqual([
      'TRY-SEC-031 runtimeClasses (left out) [] profiles/restricted.yaml:3',
      'TRY-SEC-031 profile "restricted" tenants/shop.yaml:8',
      ...tried,
    ]);
    expect(await why(fleet, classed, 'tokyo')).toEqual([
      'TRY-SEC-031 runtimeClasses (left out) [] profiles/other.yaml:3',
      'TRY-SEC-031 profile "other" tenants/shop.yaml:14',
      ...tried,
    ]);
    const agent = pod({ runtimeClassName: 'gvisor', serviceAccountName: 'agent' });
    expect((await why(fleet, agent)).slice(0, 2)).toEqual([
      'TRY-SEC-031 runtimeClasses (left out) [] profiles/own.yaml:3',
      'TRY-SEC-031 serviceAccounts.agent "own" tenants/shop.yaml:9',
    ]);
  });

  it('is the line of the quota or bound that holds, also where an override says a part of it', async () => {
    const namespace =
      '      quota:\n        cpu: "2"\n        memory: 2Gi\n      limits:\n        container:\n          max: { cpu: "1" }\n      serviceTypes: []\n';
    const override =
      '  overrides:\n    - select: { name: tokyo }\n      namespaces:\n        - { name: shop-web, quota: { memory: 512Mi } }\n';
    const fleet = aFleet().with('tenants/shop.yaml', tenant(namespace, override));
    const limits = 'TRY-SEC-060 limits.container.max.cpu "1" tenants/shop.yaml:14';
    expect(await why(fleet, pod())).toEqual([limits, 'TRY-SEC-061 quota.cpu "2" tenants/shop.yaml:10']);
    expect(await why(fleet, pod(), 'tokyo')).toEqual([
      limits,
      'TRY-SEC-061 quota.cpu "2" tenants/shop.yaml:10',
      'TRY-SEC-061 quota.memory "512Mi" tenants/shop.yaml:19',
    ]);
  });

  it('is the namespace for Pod Security and types of Services, and nothing where no document decides', async () => {
    const root = pod({ securityContext: { runAsUser: 0, runAsNonRoot: true } });
    expect(await why(aFleet(), root)).toContain('TRY-SEC-001 profile "restricted" tenants/shop.yaml:7');
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'shop-web' },
      spec: { type: 'NodePort', externalIPs: ['192.0.2.1'] },
    };
    expect(await why(aFleet(), service)).toEqual([
      'TRY-SEC-042 serviceTypes (left out) [] tenants/shop.yaml:7',
    ]);
  });
});
