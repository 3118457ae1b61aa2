import { describe, expect, it } from 'vitest';
import { admittedPod, guardOf, Guards, type Guard } from '../../../src/guard/index.ts';
import { labels, systemNamespace } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import { object, type TestServer } from '../kube/server.ts';
import { generatedPods, podMakers } from './generated-pods.ts';
import { guardedNamespace, guardedServer, inParallel, titleFor } from './parity-server.ts';
import { profiles } from './profiles.ts';

/** One Guard for each profile, with another profile for `speaker` and Waivers for a container, an account and all. */
const guardFor = (profile: (typeof profiles)[number], index: number): Guard =>
  guardOf(
    {
      name: profile.name,
      profile,
      serviceAccounts: { speaker: profiles[(index + 1) % profiles.length] ?? profile },
      waivers: [
        { name: 'init', rule: 'TRY-SEC-011', container: 'init', serviceAccount: '' },
        { name: 'users', rule: 'TRY-SEC-012', container: '', serviceAccount: 'default' },
        { name: 'volumes', rule: 'TRY-SEC-018', container: '', serviceAccount: '' },
        { name: 'root', rule: 'TRY-SEC-027', container: 'web', serviceAccount: 'speaker' },
      ],
      serviceTypes: [],
    },
    '1.35',
  );

const quiet = {
  hostNetwork: undefined,
  hostPID: undefined,
  hostIPC: undefined,
  runtimeClassName: undefined,
};

/** Every second pod breaks less, so that some are let in. */
function questions(): readonly KubeObject[] {
  return generatedPods(400, 77_003).map((pod, index) => {
    const make = podMakers[index % podMakers.length];
    if (make === undefined) throw new Error('no kind');
    const { apiVersion, kind, more } = make(index % 2 === 0 ? pod : { ...pod, ...quiet }, {});
    const namespace = `try-${profiles[(index * 3) % profiles.length]?.name ?? ''}`;
    return JSON.parse(JSON.stringify({ ...object(apiVersion, kind, `pod-${index}`, namespace), ...more }));
  });
}

/** The sentence that was told; empty when the object was let in, undefined when no API server takes it. */
async function answer(server: TestServer, one: KubeObject): Promise<string | undefined> {
  try {
    await server.client.create(one, { dryRun: true });
    return '';
  } catch (error) {
    const status = statusOf(error);
    if (status?.code === 422 || status?.code === 400) return undefined;
    return /denied request: (.*)$/s.exec(status?.message ?? '')?.[1] ?? String(error);
  }
}

describe('profiles that are enforced', () => {
  it('refuse here what a real API server refuses', { timeout: 300_000 }, async () => {
    const guards = profiles.map(guardFor);
    const [first] = guards;
    if (first === undefined) throw new Error('no profile');
    const all = { enforced: guards, tried: [], fallback: first.spec, version: '1.35' };
    const server = await guardedServer('1.35', all);
    try {
      for (const [index, guard] of guards.entries())
        await guardedNamespace(server, `try-${profiles[index]?.name ?? ''}`, guard);
      for (const name of ['gvisor', 'kata'])
        await server.client.create({ ...object('node.k8s.io/v1', 'RuntimeClass', name), handler: 'runc' });
      const list = async (group: string, kind: string) => (await server.client.list({ group, kind })).items;
      const spaces = (await list('', 'Namespace')).filter(
        ({ metadata }) => metadata.name !== systemNamespace,
      );
      const stored = [...spaces, ...(await list('toryo.dev', 'Guard'))].map((one, index) =>
        index < spaces.length
          ? { ...one, apiVersion: 'v1', kind: 'Namespace' }
          : { ...one, apiVersion: 'toryo.dev/v1alpha1', kind: 'Guard' },
      );
      expect(stored.some((one) => labels.guard in (one.metadata.labels ?? {}))).toBe(true);
      const ours = new Guards(stored, '1.35');
      const wrong: string[] = [];
      const counts = { allowed: 0, refused: 0, invalid: 0 };
      await inParallel(questions(), async (one) => {
        const theirs = await answer(server, one);
        if (theirs === undefined) {
          counts.invalid += 1;
          return;
        }
        const { outcome, violations } = ours.verdictOn(one);
        counts[theirs === '' ? 'allowed' : 'refused'] += 1;
        const isSame =
          theirs === '' ? outcome === 'allowed' : violations.some(({ sentence }) => sentence === theirs);
        if (isSame && admittedPod(one) !== undefined) return;
        wrong.push(
          `${titleFor(one)}\n  theirs ${theirs}\n  ours ${violations.map((v) => v.sentence).join('\n       ')}`,
        );
      });
      process.stderr.write(`enforced ${JSON.stringify(counts)}, ${wrong.length} differences\n`);
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(counts.allowed).toBeGreaterThan(20);
      expect(counts.refused).toBeGreaterThan(150);
    } finally {
      await server.stop();
    }
  });
});
