import { guardOf, type Guard } from '../src/guard/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { strictestProfile } from '../src/spec/index.ts';
import { labels } from '../src/lib/index.ts';
import { badPod, goodPod, longGuard, type Size } from '../test/contract/guard/large-pods.ts';
import { guardedNamespace, guardedServer } from '../test/contract/guard/parity-server.ts';
import { object, type TestServer } from '../test/contract/kube/server.ts';

const version = '1.35';
const rounds = 1000;
const warming = 100;

function strictGuard(name: string): Guard {
  const profile = strictestProfile(name, { file: '', line: 1, column: 1, path: '' });
  return guardOf({ name, profile, serviceAccounts: {}, waivers: [], serviceTypes: [] }, version);
}

function smallPod(namespace: string): KubeObject {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const container = (name: string) => ({
    name,
    image: `registry.example.com/${name}:1`,
    ports: [{ containerPort: 8080 }],
    securityContext,
  });
  const volumes = [{ name: 'scratch' }, { name: 'settings', configMap: { name: 'web' } }];
  const spec = { containers: [container('web'), container('proxy')], volumes };
  return { ...object('v1', 'Pod', 'web', namespace), spec };
}

function percentile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
}

async function plainNamespace(server: TestServer): Promise<void> {
  await server.client.create(object('v1', 'Namespace', 'plain'));
  await server.client.create(object('v1', 'ServiceAccount', 'default', 'plain'));
}

async function creationTime(server: TestServer, namespace: string): Promise<number> {
  const pod = smallPod(namespace);
  const begun = performance.now();
  await server.client.create(pod, { dryRun: true });
  return performance.now() - begun;
}

/** Dry-run creations of a good pod of two containers, in turn in a namespace with and without policies; 20 Guards are on the cluster. */
export async function* measureLatency(): AsyncGenerator<string> {
  const guards = Array.from({ length: 20 }, (_, index) => strictGuard(`strict-${index}`));
  const [first] = guards;
  if (first === undefined) throw new Error('no Guard');
  const all = { enforced: guards, tried: [], fallback: first.spec, version };
  const server = await guardedServer(version, all);
  try {
    await guardedNamespace(server, 'held', first);
    await plainNamespace(server);
    const times: Record<'held' | 'plain', number[]> = { held: [], plain: [] };
    for (let round = 0; round < warming + rounds; round += 1) {
      times.held.push(await creationTime(server, 'held'));
      times.plain.push(await creationTime(server, 'plain'));
    }
    const text = (part: number) => {
      const [held, plain] = [
        percentile(times.held.slice(warming), part),
        percentile(times.plain.slice(warming), part),
      ];
      return `${held.toFixed(2)} ms with, ${plain.toFixed(2)} ms without, ${(held - plain).toFixed(2)} ms more`;
    };
    yield `creating a pod, ${rounds} times each in turn, p50: ${text(0.5)}`;
    yield `creating a pod, ${rounds} times each in turn, p99: ${text(0.99)}`;
  } finally {
    await server.stop();
  }
}

const shapes: Readonly<Record<string, Size>> = {
  '4 ports, 4 mounts of 30 volumes': { containers: 1, ports: 4, mounts: 4, volumes: 30 },
  '20 ports': { containers: 1, ports: 20, mounts: 0, volumes: 1 },
  '20 mounts of 200 volumes': { containers: 1, ports: 0, mounts: 20, volumes: 200 },
};

/** How many containers a pod may have before an expression exceeds its budget, for profiles whose lists are long. */
export async function* measureLimits(): AsyncGenerator<string> {
  const guard = longGuard(version);
  const told: Guard = { name: 'warn.long', spec: guard.spec };
  const tried = [{ guard: told, as: 'warn' as const }];
  const server = await guardedServer(version, { enforced: [], tried, fallback: guard.spec, version });
  try {
    await guardedNamespace(server, 'tried', told, labels.trial);
    for (const [what, make] of Object.entries({ 'breaks nothing': goodPod, 'breaks everything': badPod }))
      for (const [shape, size] of Object.entries(shapes))
        yield `a pod that ${what}, each container with ${shape}: ${await limitOf(server, (containers) => make('tried', { ...size, containers }))}`;
  } finally {
    await server.stop();
  }
}

/** The budget's end, by doubling the containers. */
async function limitOf(server: TestServer, make: (containers: number) => KubeObject): Promise<string> {
  let held = 0;
  for (let containers = 50; containers <= 800; containers *= 2) {
    const { warnings } = await server.client.apply(make(containers), { fieldManager: 'bench', dryRun: true });
    const found = warnings.find((text) => text.includes('resulted in error'));
    if (found !== undefined)
      return `${held} containers are within the budget; ${containers} exceed it (${/offenders\d+/.exec(found)?.[0] ?? found})`;
    held = containers;
  }
  return `${held} containers are within the budget`;
}
