import { afterAll, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/lib/index.ts';
import { aFleet, clusterText, removeFleets, shown, type FleetBuilder } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const file = 'apps/shop/web/manifests/web.yaml';
const deployment = (pod: string): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: ${pod}
`;
const strict =
  '{ securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: web, image: web, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] }';
const asRoot = strict.replace('runAsNonRoot: true', 'runAsNonRoot: true, runAsUser: 0');
const words = (version: string): string =>
  `violates PodSecurity "restricted:${version}": runAsUser=0 (pod must not set runAsUser=0)`;

async function refusals(fleet: FleetBuilder): Promise<readonly Diagnostic[]> {
  return (await compiled(fleet)).diagnostics.filter((one) => one.code === 'TRY-SEC-001');
}

describe('pods that their namespace would refuse', () => {
  it('are told once for all clusters, at the workload, in the words of the API server', async () => {
    const fleet = aFleet()
      .with(file, deployment(asRoot))
      .with(
        'clusters/tokyo.yaml',
        clusterText(
          'environment: production, provider: sandbox, version: "1.36"',
          'name: tokyo, labels: { product: shop }',
        ),
      );
    const found = await refusals(fleet);
    expect(shown(found)).toEqual([
      `TRY-SEC-001 ${file}:5:1 Deployment/shop-web/web on cluster lab, tokyo: the API server would refuse its pods for runAsUser: ${words('v1.35')}`,
    ]);
    expect(found[0]?.severity).toBe('error');
    expect(found[0]?.why).toMatchObject([
      { subject: 'Namespace/shop-web', field: 'profile', at: { file: 'tenants/shop.yaml', line: 7 } },
    ]);
    expect((await compiled(fleet)).value).toBeUndefined();
  });

  it('are no mistake where the profile lets them in, or where no pod is made', async () => {
    const looser = aFleet()
      .with(file, deployment(asRoot))
      .with(
        'profiles/restricted.yaml',
        'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { runAsUser: { rule: RunAsAny } }\n',
      );
    expect(await refusals(looser)).toEqual([]);
    expect(await refusals(aFleet().with(file, deployment(strict)))).toEqual([]);
  });

  it('are a warning where nothing says which version the API server has', async () => {
    const cluster = (name: string, environment: string): string =>
      clusterText(
        `environment: ${environment}, provider: kubeconfig, kubeconfig: { context: ${name} }`,
        `name: ${name}, labels: { product: shop }`,
      );
    const fleet = aFleet()
      .with(file, deployment(asRoot))
      .with('clusters/lab.yaml', cluster('lab', 'staging'))
      .with('clusters/tokyo.yaml', cluster('tokyo', 'production'));
    const found = await refusals(fleet);
    expect(found.map((one) => [one.severity, one.args['words']])).toEqual([['warning', words('latest')]]);
  });

  it('of an add-on are held to the labels of the Namespace that it ships', async () => {
    const namespace = (level: string): string =>
      `apiVersion: v1\nkind: Namespace\nmetadata: { name: edge, labels: { pod-security.kubernetes.io/enforce: ${level} } }\n---\n`;
    const fleet = (level: string): FleetBuilder =>
      aFleet()
        .with(
          'platform/app.yaml',
          'kind: App\nmetadata: { name: edge }\nspec: { tenant: platform, namespace: edge, clusters: all, source: { path: manifests } }\n',
        )
        .with(
          'platform/manifests/all.yaml',
          namespace(level) +
            deployment(
              '{ hostNetwork: true, containers: [{ name: web, image: web, ports: [{ containerPort: 80 }] }] }',
            ),
        );
    expect(await refusals(fleet('privileged'))).toEqual([]);
    expect((await refusals(fleet('baseline'))).map((one) => one.args['words'])).toEqual([
      'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), hostPort (container "web" uses hostPort 80)',
    ]);
  });
});
