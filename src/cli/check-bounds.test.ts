import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets, tenantText, type FleetBuilder } from '../spec/testing/fleet.ts';

afterAll(removeFleets);

/** The lines of `toryo check` that are about quotas and limits. */
function told(fleet: FleetBuilder): readonly string[] {
  const done = spawnSync(path.resolve('bin/toryo'), ['check', fleet.write()], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return (done.stdout + done.stderr).split('\n').filter((line) => line.includes(' TRY-QUOTA-'));
}

const manifests = 'apps/shop/web/manifests/web.yaml';
const withSpace = (more: string, rest = ''): FleetBuilder =>
  aFleet().with('tenants/shop.yaml', tenantText(rest).replace('restricted }', `restricted, ${more} }`));

const podSpec = `securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: a, image: a, resources: { requests: { cpu: 1 } }, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }]`;
const deployment = (name: string, replicas: number): string =>
  `kind: Deployment
apiVersion: apps/v1
metadata: { name: ${name} }
spec: { replicas: ${replicas}, selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { ${podSpec} } } }
---
`;
const scaler = `kind: HorizontalPodAutoscaler
apiVersion: autoscaling/v2
metadata: { name: web }
spec: { minReplicas: 1, maxReplicas: 5, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } }
`;

describe('toryo check of quotas and limits', () => {
  it('tells every name and amount that no API server takes, also in overrides', () => {
    const more =
      'quota: { bogus: 3, pod: 3, pods: 1.5, cpu: 1, requests.cpu: 2 }, limits: { container: { min: { cpu: 2 }, max: { cpu: 1 } }, pod: { default: { cpu: 1 } }, persistentVolumeClaim: { max: { cpu: 1 } } }';
    const override =
      '  overrides: [{ select: { name: lab }, namespaces: [{ name: shop-web, quota: { wrong: 1 } }] }]\n';
    const plain =
      'must be a standard resource type or fully qualified, must be a standard resource for quota';
    const at = (place: string): string =>
      `tenants/shop.yaml:${place} error TRY-QUOTA-004 Namespace/shop-web: `;
    expect(told(withSpace(more, override)).toSorted()).toEqual([
      `${at('7:146')}limits.container.min.cpu: min value 2 is greater than max value 1`,
      `${at('7:177')}limits.pod.default: may not be specified when \`type\` is 'Pod'`,
      `${at('7:200')}limits.persistentVolumeClaim: either minimum or maximum storage value is required, but neither was provided`,
      `${at('7:55')}quota.bogus: ${plain}`,
      `${at('7:65')}quota.pod: ${plain}, did you mean "pods"?`,
      `${at('7:79')}quota.pods: must be an integer`,
      `${at('7:92')}quota.requests.cpu: it is "cpu" once more`,
      `${at('8:80')}quota.wrong: ${plain}`,
    ]);
  });

  it('tells a quota that is too small at its value, with what wants most', () => {
    const fleet = withSpace('quota: { cpu: 4, pods: 9 }').with(
      manifests,
      deployment('small', 1) + deployment('web', 4),
    );
    expect(told(fleet)).toEqual([
      'tenants/shop.yaml:7:60 error TRY-QUOTA-003 Namespace/shop-web on cluster lab, tokyo: 5 of quota.cpu wanted, 4 there (Deployment/shop-web/web 4, Deployment/shop-web/small 1)',
    ]);
  });

  it('is silent where the sum may be smaller', () => {
    const quota = 'quota: { cpu: 2 }';
    const large = deployment('web', 4);
    expect([
      told(withSpace(quota).with(manifests, large + scaler)),
      told(
        withSpace(quota)
          .with(manifests, large)
          .with('apps/shop/other/app.yaml', 'kind: App\nmetadata: { name: other }\nspec: { tenant: shop }\n'),
      ),
      told(withSpace(quota).with(manifests, large.replace('requests: { cpu: 1 }', ''))),
    ]).toEqual([[], [], []]);
  });
});
