import {
  admittedPod,
  guardObjects,
  guardOf,
  Guards,
  podSecurityVersions,
  podSecurityViolations,
} from '../src/guard/index.ts';
import { labels } from '../src/lib/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { strictestProfile } from '../src/spec/index.ts';
import { median } from './median.ts';

const count = 10_000;
const wanted = 2000;
const policy = { level: 'restricted', version: podSecurityVersions.newest } as const;

/** A Deployment of two containers, an init container and four volumes; every second one breaks five controls. */
function deployment(number: number): KubeObject {
  const isStrict = number % 2 === 0;
  const own = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  };
  const container = (name: string): object => ({
    name,
    image: `registry.example.com/${name}:${number}`,
    ports: [
      { containerPort: 8080 },
      isStrict ? { containerPort: 9090 } : { containerPort: 9090, hostPort: 9090 },
    ],
    livenessProbe: { httpGet: { path: '/live', port: 8080 } },
    readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
    securityContext: isStrict ? own : {},
  });
  const spec = {
    securityContext: isStrict ? { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } : {},
    initContainers: [container('init')],
    containers: [container('web'), container('proxy')],
    volumes: [
      { name: 'scratch' },
      { name: 'settings', configMap: { name: 'web' } },
      { name: 'key', secret: { secretName: 'web' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'web' } },
    ],
  };
  const metadata = { name: `web-${number}`, namespace: 'shop' };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: { metadata: {}, spec } } };
}

/** The namespace of those Deployments, held against the strictest profile and level restricted. */
function guards(): Guards {
  const profile = strictestProfile('strict', { file: '', line: 1, column: 1, path: '' });
  const guard = guardOf(
    { name: 'shop', profile, serviceAccounts: {}, waivers: [], serviceTypes: [] },
    '1.35',
  );
  const marks = {
    [labels.guard]: guard.name,
    'pod-security.kubernetes.io/enforce': policy.level,
    'pod-security.kubernetes.io/enforce-version': 'v1.35',
  };
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: marks } };
  const objects = guardObjects({ enforced: [guard], tried: [], fallback: guard.spec, version: '1.35' });
  return new Guards([space, ...objects], '1.35');
}

/** Times of holding 10,000 pods against a level of Pod Security, and against everything that guards their namespace. */
export function* measureVerdicts(): Generator<string> {
  const objects = Array.from({ length: count }, (_, number) => deployment(number));
  const held = guards();
  yield timed(`Pod Security, ${count} pods against ${policy.level}:${policy.version}`, objects, (object) => {
    const pod = admittedPod(object);
    return pod !== undefined && podSecurityViolations(pod, policy).length > 0;
  });
  yield timed(`verdicts, ${count} pods against a Guard and Pod Security`, objects, (object) => {
    return held.verdictOn(object).outcome === 'refused';
  });
}

function timed(
  what: string,
  objects: readonly KubeObject[],
  isRefused: (object: KubeObject) => boolean,
): string {
  const runs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    const begun = performance.now();
    const refused = objects.filter(isRefused).length;
    if (refused !== count / 2) throw new Error(`half of the pods should be refused, not ${refused}`);
    const { user, system } = process.cpuUsage(before);
    return { wall: performance.now() - begun, processor: (user + system) / 1000 };
  });
  const middle = median(runs.map((run) => run.wall));
  const processor = median(runs.map((run) => run.processor));
  const slowest = Math.max(...runs.map((run) => run.wall));
  return `${what}: ${middle.toFixed(0)} ms (processor ${processor.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms); wanted under ${wanted} ms: ${middle < wanted ? 'met' : 'MISSED'}`;
}
