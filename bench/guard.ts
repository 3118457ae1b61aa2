// npm run bench:guard: how long it takes to hold 10,000 pods against level restricted, and to compare 1,000 bindings, on one core.
import { admittedPod, podSecurityVersions, podSecurityViolations } from '../src/guard/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { benchAccess } from './access.ts';
import { median } from './median.ts';

const count = 10_000;
const wanted = 2000;

/** A Deployment of two containers, an init container and four volumes; every second one breaks five controls. */
function deployment(number: number): KubeObject {
  const isStrict = number % 2 === 0;
  const own = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
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

const objects = Array.from({ length: count }, (_, number) => deployment(number));
const policy = { level: 'restricted', version: podSecurityVersions.newest } as const;

function refused(): number {
  return objects.filter((object) => {
    const pod = admittedPod(object);
    return pod !== undefined && podSecurityViolations(pod, policy).length > 0;
  }).length;
}

const runs = Array.from({ length: 5 }, () => {
  const before = process.cpuUsage();
  const begun = performance.now();
  if (refused() !== count / 2) throw new Error('half of the pods should be refused');
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - begun, processor: (user + system) / 1000 };
});
const middle = median(runs.map((run) => run.wall));
const processor = median(runs.map((run) => run.processor));
console.log(
  `Pod Security, ${count} pods against ${policy.level}:${policy.version}: ${middle.toFixed(0)} ms (processor ${processor.toFixed(0)} ms, slowest ${Math.max(...runs.map((run) => run.wall)).toFixed(0)} ms); wanted under ${wanted} ms: ${middle < wanted ? 'met' : 'MISSED'}`,
);

benchAccess();
