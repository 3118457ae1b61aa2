import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { annotations } from '../../src/lib/index.ts';
import type { KubeObject } from '../../src/objects/index.ts';
import { core, until } from './bench.ts';
import { FaultBench, inventoryRef } from './faults.ts';

let faults: FaultBench;
// Nobody gives it an address: it is never healthy.
const sick = `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n`;
const short = ['--timeout', '1s'];
let turn = 0;

beforeAll(async () => {
  faults = await FaultBench.start(
    [
      { name: 'first', wave: 'canary' },
      { name: 'later', wave: 'rest' },
    ],
    { behind: true, waves: { canary: 'soak: 2s' } },
  );
});
afterAll(() => faults.stop());
// Every test begins with a revision that is well everywhere, and whose soak is over.
beforeEach(async () => {
  turn += 1;
  await faults.turn(`good-${turn}`);
  await faults.apply(0);
});

const good = (): string => `good-${turn}`;
const hours = (count: number): string => new Date(Date.now() + count * 3_600_000).toISOString();

describe('a clock that jumped', () => {
  const canaryOnly = async (): Promise<void> => {
    await faults.turn('next');
    await faults.apply(0, '--no-wait');
    expect(await faults.turnIn('later')).toBe(good());
  };

  it('into the future makes a soak begin anew, and no longer than it is', async () => {
    await canaryOnly();
    await faults.editRecord('first', { since: hours(1) });
    await faults.apply(0, '--no-wait');
    expect(Date.parse((await faults.record('first'))?.since ?? '')).toBeLessThanOrEqual(Date.now());
    await sleep(2000);
    await faults.apply(0, '--no-wait');
    expect(await faults.turnIn('later')).toBe('next');
  });

  it('into the past ends a soak, and nothing else', async () => {
    await canaryOnly();
    await faults.editRecord('first', { since: hours(-1) });
    await faults.apply(0, '--no-wait');
    expect(await faults.turnIn('later')).toBe('next');
  });
});

describe('what somebody edited by hand', () => {
  it('into no record stops everything there, with a sentence, until it is restored', async () => {
    const record = 'nonsense';
    const before = await faults.bench.client('first').get(inventoryRef);
    await faults.bench.client('first').patch(inventoryRef, { data: { record } }, { type: 'merge' });
    const writes = await faults.bench.writes('first');
    await faults.turn('next');
    const answer = await faults.apply(3);
    expect(answer.all).toMatch(
      /inventory ConfigMap\/toryo-system\/inventory\.app\.platform\.web was changed by hand and cannot be read; restore it, or delete it/,
    );
    expect(await faults.bench.writes('first', writes)).toEqual(new Map());
    await faults.bench.client('first').patch(inventoryRef, { data: before?.['data'] }, { type: 'merge' });
    await faults.apply(0);
    expect(await faults.turnIn('later')).toBe('next');
  });

  it('into a record of a revision that never was is delivered again', async () => {
    await faults.editRecord('first', { digest: 'a, b', previous: 'c=d', revision: '' });
    await faults.apply(0);
    expect(await faults.record('first')).toMatchObject({ phase: 'healthy' });
  });

  it('into wishes that are none is no wish', async () => {
    const nonsense = { halted: 'x', promoted: '[1,2]', rollBack: '{"a":["b"]}' } as const;
    const notes = Object.entries(nonsense).map(([wish, text]) => [
      annotations[wish as keyof typeof nonsense],
      text,
    ]);
    const body = { metadata: { annotations: Object.fromEntries(notes) } };
    await faults.bench.client('first').patch(inventoryRef, body, { type: 'merge' });
    await faults.turn('next');
    await faults.apply(0);
    expect(await faults.turnIn('later')).toBe('next');
  });
});

describe('a way back', () => {
  const keptRef = async () => core('ConfigMap', (await currentKept()).metadata.name, 'toryo-system');
  const currentKept = async (): Promise<KubeObject> => {
    const digest = (await faults.record('first'))?.digest;
    const { items } = await faults.bench
      .client('first')
      .list(core('ConfigMap', ''), { namespace: 'toryo-system' });
    return items.find(
      (one) =>
        one.metadata.name.startsWith('revision.') && (one['data'] as { digest: string }).digest === digest,
    )!;
  };
  const expectStuck = async (why: RegExp): Promise<void> => {
    const stuck = await faults.apply(8, ...short);
    expect(stuck.out).toMatch(/canary +first +stuck .*App\/platform\/web: /);
    expect(stuck.out).toMatch(why);
    expect(stuck.out).toMatch(/rest +later +not started/);
    expect(await faults.record('first')).toMatchObject({ phase: 'stuck' });
    // What is there stays, and nothing else is tried.
    const writes = await faults.bench.writes('first');
    const again = await faults.apply(8, ...short);
    expect(again.out).toMatch(/canary +first +stuck/);
    expect(again.out).toMatch(why);
    expect(await faults.bench.writes('first', writes)).toEqual(new Map());
    expect(await faults.turnIn('first')).toBe('bad');
    expect(await faults.turnIn('later')).toBe(good());
  };

  it('whose manifests are gone is stuck: a person decides', async () => {
    await faults.bench.client('first').remove(await keptRef());
    await faults.turn('bad', sick);
    await expectStuck(/the manifests before are not kept any more/);
  });

  it.each([
    ['nonsense', 'bm9uc2Vuc2U='],
    ['nothing', 'H4sIAAAAAAAAA4uOBQApu0wNAgAAAA=='],
  ])('whose manifests were made into %s is stuck, and deletes nothing', async (_what, manifests) => {
    const { metadata, ...kept } = await currentKept();
    await faults.bench.client('first').remove(await keptRef());
    const { name, namespace, labels = {} } = metadata;
    await faults.bench
      .client('first')
      .create({ ...kept, metadata: { name, namespace: namespace!, labels }, binaryData: { manifests } });
    await faults.turn('bad', sick);
    await expectStuck(/the manifests before are not kept any more/);
  });

  it('that the API server refuses is stuck', async () => {
    const name = 'no-way-back';
    const api = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
    const expression = `!has(object.data) || !('turn' in object.data) || object.data.turn != '${good()}'`;
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      resources: ['configmaps'],
      operations: ['CREATE', 'UPDATE'],
    };
    const spec = {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression, message: 'not that one' }],
    };
    await faults.put('first', { ...api, kind: 'ValidatingAdmissionPolicy', spec });
    await faults.put('first', {
      ...api,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: name, validationActions: ['Deny'] },
    });
    const words = ['annotate', 'configmap', 'web', '-n', 'web', 'a=b', '--overwrite'];
    await until(
      () => faults.bench.kubectl('first', words),
      (one) => one.code !== 0,
    );
    await faults.turn('bad', sick);
    await expectStuck(/the way back is blocked by ConfigMap\/web\/web: .*not that one/);
    await faults.kubectl(
      'first',
      'delete',
      'validatingadmissionpolicybinding,validatingadmissionpolicy',
      name,
    );
  });

  it('in the middle of which it was killed is gone on with', async () => {
    await faults.turn('bad', sick);
    const slow = (method: string, path: string): boolean =>
      method === 'PATCH' && path.includes('/configmaps/web') && !path.includes('dryRun');
    faults.proxy('first').set({ kind: 'latency', milliseconds: 1500 }, { matching: slow });
    const running = faults.launch(...short);
    await until(
      () => faults.record('first'),
      (record) => record?.phase === 'returning',
    );
    running.kill('SIGKILL');
    await running.ended;
    faults.proxy('first').set({ kind: 'none' });
    const answer = await faults.apply(8, ...short);
    expect(answer.out).toMatch(/canary +first +rolled back/);
    expect(await faults.turnIn('first')).toBe(good());
    expect(await faults.record('first')).toMatchObject({ phase: 'returned' });
    expect(await faults.kept('first')).toHaveLength(1);
  });
});
