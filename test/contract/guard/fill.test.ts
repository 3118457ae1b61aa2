import { describe, expect, it } from 'vitest';
import { accountOf, filledSpec, guardOf } from '../../../src/guard/index.ts';
import { canonical, isFailure } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import type { SecurityProfile } from '../../../src/spec/index.ts';
import { object, type TestServer } from '../kube/server.ts';
import { generatedPods } from './generated-pods.ts';
import { eventually, guardedNamespace, guardedServer, inParallel } from './parity-server.ts';
import { profiles } from './profiles.ts';

type Fields = Readonly<Record<string, unknown>>;

const open = profiles.find(({ name }) => name === 'open') ?? profiles[0];
if (open === undefined) throw new Error('no profile');
const ids = { rule: 'RunAsAny' as const, ranges: [{ min: 7, max: 9 }] };
const fillings: Readonly<Record<'default' | 'speaker', SecurityProfile>> = {
  default: {
    ...open,
    name: 'filled',
    fill: ['seccomp', 'runAsNonRoot', 'allowPrivilegeEscalation', 'dropCapabilities'],
  },
  speaker: {
    ...open,
    name: 'speaker',
    seccomp: ['Localhost/audit.json', '*'],
    requiredDropCapabilities: ['NET_RAW'],
    runAsUser: ids,
    runAsGroup: ids,
    fill: ['seccomp', 'dropCapabilities', 'readOnlyRootFilesystem', 'runAsUser', 'runAsGroup'],
  },
};
const guard = guardOf(
  {
    name: 'filled',
    profile: fillings.default,
    serviceAccounts: { speaker: fillings.speaker },
    waivers: [],
    serviceTypes: [],
  },
  '1.36',
);

const web = (securityContext?: unknown): Fields => ({
  name: 'web',
  image: 'web',
  ...(securityContext === undefined ? {} : { securityContext }),
});

/** What generated pods do not have: nothing at all, nulls, empty lists, and what the API server refuses together. */
const oddPods: readonly Fields[] = [
  { containers: [web()] },
  { containers: [web(), { ...web(), name: 'proxy' }], initContainers: [{ ...web(), name: 'init' }] },
  { containers: [web(null)], securityContext: null },
  { containers: [web({})], securityContext: {} },
  { containers: [web({ capabilities: null, allowPrivilegeEscalation: null })] },
  { containers: [web({ capabilities: { drop: [], add: ['CHOWN'] } })] },
  { containers: [web({ capabilities: { add: ['CAP_SYS_ADMIN'] } })] },
  { containers: [web({ capabilities: { add: ['SYS_ADMIN'] } })] },
  { containers: [web({ privileged: true })], securityContext: { seccompProfile: null, runAsNonRoot: null } },
  { containers: [web()], os: { name: 'windows' } },
];

const podIn = (namespace: string, name: string, spec: unknown): KubeObject =>
  JSON.parse(JSON.stringify({ ...object('v1', 'Pod', name, namespace), spec }));

/** The spec that the API server makes of a pod, or the code of its refusal. */
async function storedSpec(server: TestServer, pod: KubeObject): Promise<string> {
  try {
    return canonical((await server.client.create(pod, { dryRun: true }))['spec']);
  } catch (error) {
    return isFailure(error) ? error.code : String(error);
  }
}

describe('what profiles fill, here and on a real API server', () => {
  it('is the same on 1.36', { timeout: 300_000 }, async () => {
    const server = await guardedServer('1.36', {
      enforced: [guard],
      tried: [],
      fallback: guard.spec,
      version: '1.36',
    });
    try {
      for (const name of ['gvisor', 'kata'])
        await server.client.create({ ...object('node.k8s.io/v1', 'RuntimeClass', name), handler: 'runc' });
      await guardedNamespace(server, 'filled', guard);
      await server.client.create(object('v1', 'Namespace', 'plain'));
      for (const account of ['default', 'speaker'])
        await server.client.create(object('v1', 'ServiceAccount', account, 'plain'));
      const all = [...generatedPods(400, 36_001), ...oddPods].map((spec) => ({
        ...spec,
        automountServiceAccountToken: false,
      }));
      const bare = podIn('filled', 'bare', { containers: [web()] });
      await eventually(async () => (await storedSpec(server, bare)).includes('"runAsNonRoot":true'));
      const wrong: string[] = [];
      let [changed, refused] = [0, 0];
      await inParallel([...all.entries()], async ([index, spec]) => {
        const raw = podIn('plain', `pod-${index}`, spec);
        const fill = fillings[accountOf({ spec }) === 'speaker' ? 'speaker' : 'default'];
        const filled = filledSpec(JSON.parse(JSON.stringify(spec)), fill);
        const [theirs, ours, plain] = [
          await storedSpec(server, podIn('filled', `pod-${index}`, spec)),
          await storedSpec(server, podIn('plain', `pod-${index}`, filled.spec)),
          await storedSpec(server, raw),
        ];
        if (theirs !== ours) wrong.push(`${JSON.stringify(spec)}\n  theirs ${theirs}\n  ours   ${ours}`);
        if (theirs !== plain) changed += 1;
        if (!theirs.startsWith('{')) refused += 1;
      });
      process.stderr.write(
        `fill ${all.length} pods on 1.36, ${changed} changed, ${refused} that no API server takes, ${wrong.length} differences\n`,
      );
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(changed).toBeGreaterThan(200);
    } finally {
      await server.stop();
    }
  });
});
