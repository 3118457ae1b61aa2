import { describe, expect, it } from 'vitest';
import {
  guardOf,
  Guards,
  podSecurityLevel,
  smallestChange,
  type PatchStep,
} from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { object, type TestServer } from '../kube/server.ts';
import { generatedPods, podMakers } from './generated-pods.ts';
import { guardedNamespace, guardedServer, inParallel, titleFor } from './parity-server.ts';
import { profiles as others } from './profiles.ts';

const version = '1.35';
const [strictest] = others;
if (strictest === undefined) throw new Error('no profile');

const profiles = [
  ...others,
  { ...strictest, name: 'users', runAsUser: { rule: 'MustRunAs' as const, ranges: [{ min: 7, max: 99 }] } },
];
const spaceOf = (index: number): string => `try-${profiles[index % profiles.length]?.name ?? ''}`;

/** Pods of every kind; of two in three nothing is wrong that more than one value could mend. */
function questions(): readonly KubeObject[] {
  return generatedPods(600, 11_009).map((pod, index) => {
    const make = podMakers[index % podMakers.length];
    if (make === undefined) throw new Error('no kind');
    const volumes = ['a', 'b'].map((name) => ({ name, emptyDir: {} }));
    const { apiVersion, kind, more } = make(index % 3 === 0 ? pod : { ...pod, volumes }, {});
    const one = object(apiVersion, kind, `pod-${index}`, spaceOf(index * 3));
    return JSON.parse(JSON.stringify({ ...one, ...more }));
  });
}

/** RFC 6902, as far as changes use it. */
function patched(whole: KubeObject, steps: readonly PatchStep[]): KubeObject {
  const changed = JSON.parse(JSON.stringify(whole));
  for (const { op, path, value } of steps) {
    const keys = path.split('/').slice(1);
    const names = keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop() ?? '';
    const above = names.reduce((found, name) => found[name], changed);
    if (op !== 'add' && !(last in above)) throw new Error(`${path} is not there`);
    if (op !== 'remove') above[last] = value;
    else if (Array.isArray(above)) above.splice(Number(last), 1);
    else delete above[last];
  }
  return changed;
}

/** What a server says against an object, and whether that is because it is none at all; undefined: nothing. */
async function refusal(
  server: TestServer,
  one: KubeObject,
): Promise<{ readonly told: string; readonly isInvalid: boolean } | undefined> {
  try {
    await server.client.create(one, { dryRun: true });
    return undefined;
  } catch (error) {
    const status = statusOf(error);
    const isInvalid = status?.code === 422 || status?.code === 400;
    return { told: status?.message ?? String(error), isInvalid };
  }
}

describe('the smallest change', () => {
  it(
    'leads to what a real API server takes, where it says that it is whole',
    { timeout: 300_000 },
    async () => {
      const guards = profiles.map((profile) =>
        guardOf({ name: profile.name, profile, serviceAccounts: {}, waivers: [], serviceTypes: [] }, version),
      );
      const [first] = guards;
      if (first === undefined) throw new Error('no profile');
      const server = await guardedServer(version, {
        enforced: guards,
        tried: [],
        fallback: first.spec,
        version,
      });
      try {
        const spaces = profiles.map((profile, index) => ({
          ...object('v1', 'Namespace', spaceOf(index)),
          metadata: {
            name: spaceOf(index),
            labels: {
              'toryo.dev/guard': guards[index]?.name ?? '',
              'pod-security.kubernetes.io/enforce': podSecurityLevel(profile),
            },
          },
        }));
        for (const [index, guard] of guards.entries()) await guardedNamespace(server, spaceOf(index), guard);
        for (const space of spaces) await server.client.apply(space, { fieldManager: 'test' });
        for (const name of ['gvisor', 'kata'])
          await server.client.create({ ...object('node.k8s.io/v1', 'RuntimeClass', name), handler: 'runc' });
        const kinds = guards.map(({ name, spec }) => ({
          ...object('toryo.dev/v1alpha1', 'Guard', name),
          spec,
        }));
        const ours = new Guards([...spaces, ...kinds], version);
        const judge = (one: KubeObject) => ours.verdictOn(one);
        const counts = { whole: 0, partial: 0, none: 0, taken: 0 };
        const wrong: string[] = [];
        await inParallel(
          questions().filter((one) => judge(one).outcome === 'refused'),
          async (one) => {
            const { steps, left, mends, of } = smallestChange(one, judge(one), judge);
            if (steps.length === 0) {
              counts.none += 1;
              return;
            }
            const changed = patched(one, steps);
            const { outcome } = judge(changed);
            counts[left.length === 0 ? 'whole' : 'partial'] += 1;
            if ((outcome === 'allowed') !== (left.length === 0) || (mends === of) !== (left.length === 0))
              wrong.push(`${titleFor(one)}: ${outcome}, mends ${mends} of ${of}`);
            if (left.length > 0 || (await refusal(server, one))?.isInvalid === true) return;
            counts.taken += 1;
            const told = (await refusal(server, changed))?.told;
            if (told !== undefined) wrong.push(`${titleFor(one)}: ${told}\n  ${JSON.stringify(steps)}`);
          },
        );
        process.stderr.write(`patched ${JSON.stringify(counts)}, ${wrong.length} wrong\n`);
        expect(wrong.slice(0, 5)).toEqual([]);
        expect(counts.taken).toBeGreaterThan(50);
      } finally {
        await server.stop();
      }
    },
  );
});
