import { describe, expect, it } from 'vitest';
import { failure, unknown } from '../../lib/index.ts';
import { keyOf, markOf, refOf, withLabels } from '../../objects/index.ts';
import type { WaveRecord } from '../../world/index.ts';
import { type PlannedCluster } from './change.ts';
import { owner, name, bare, ours, stored, listed, planned, type Scene } from '../testing/scene.ts';

const actions = (one: PlannedCluster) =>
  one.changes.map((change) => [change.subject.name, change.action, change.why ?? '']);
const codes = (one: PlannedCluster) => one.blockers.map((blocker) => [blocker.code, blocker.allow]);
const many = (count: number, kind?: string) =>
  Array.from({ length: count }, (_, index) => ours(`m-${index}`, kind));

const delivered: WaveRecord = {
  digest: 'd',
  phase: 'healthy',
  since: '2026-01-01T00:00:00Z',
  revision: 'sha256:fedcba9876543210',
  plan: 'p',
  commit: '0123456789abcdef',
};
const job = { ...ours('job', 'Job'), apiVersion: 'batch/v1', spec: { ttlSecondsAfterFinished: 1 } };

describe('an object that is wanted', () => {
  it.each<[string, Scene, string, string | RegExp]>([
    ['and not there is created', { wanted: [ours('a')] }, 'create', ''],
    ['and the same is unchanged', { wanted: [ours('a')], live: [stored(ours('a'))] }, 'unchanged', ''],
    [
      'and another is configured',
      { wanted: [ours('a')], live: [stored({ ...ours('a'), data: { x: 'y' } })] },
      'configure',
      '',
    ],
    [
      'and is there without our mark is blocked',
      { wanted: [ours('a')], live: [stored(bare('a'))] },
      'blocked',
      'it exists and is not ours (last written by nobody known)',
    ],
    [
      'and is another fleet’s is blocked',
      { wanted: [ours('a')], live: [stored(withLabels(bare('a'), markOf(owner, 'other')))] },
      'blocked',
      /is not ours/,
    ],
    [
      'and is another owner’s is blocked',
      { wanted: [ours('a')], live: [stored(ours('a', 'ConfigMap', { tenant: 'pay' }))] },
      'blocked',
      'it belongs to tenant.pay',
    ],
    [
      'and is being deleted is blocked',
      { wanted: [ours('a')], live: [stored(ours('a'), 'u-1', { deletionTimestamp: 'now' })] },
      'blocked',
      /being deleted/,
    ],
    [
      'and cannot be read is blocked',
      { wanted: [ours('a')], world: { live: new Map([[keyOf(refOf(ours('a'))), unknown('no right')]]) } },
      'blocked',
      'cannot be read: no right',
    ],
    [
      'and was there before is created again, and somebody is told of',
      { wanted: [ours('a')], inventory: { ...listed([ours('a')]), record: delivered } },
      'create',
      'deleted by somebody since revision 0123456789ab',
    ],
    [
      'and was delivered from no repository is told of by its revision',
      {
        wanted: [ours('a')],
        inventory: { ...listed([ours('a')]), record: { ...delivered, commit: undefined } },
      },
      'create',
      'deleted by somebody since revision fedcba987654',
    ],
    [
      'and was listed again by a repair is told of without one',
      { wanted: [ours('a')], inventory: listed([ours('a')]) },
      'create',
      /^deleted by somebody$/,
    ],
    [
      'and was never there accuses nobody',
      { wanted: [ours('a')], inventory: { ...listed([ours('a')], ''), record: delivered } },
      'create',
      /^$/,
    ],
    [
      'and may have been deleted by a run that was killed accuses nobody',
      {
        wanted: [ours('a')],
        inventory: { ...listed([ours('a')]), record: { ...delivered, phase: 'moving' } },
      },
      'create',
      /^$/,
    ],
    [
      'and removed itself before its owner changed accuses nobody',
      { wanted: [job], inventory: { ...listed([job]), record: delivered } },
      'create',
      /^$/,
    ],
    ['and is refused is blocked', { wanted: [ours('a')], predicted: { refused: 'no' } }, 'blocked', 'no'],
  ])('%s', (_about, scene, action, why) => {
    const [change] = planned(scene).changes;
    expect(change?.action).toBe(action);
    expect(change?.why ?? '').toMatch(why);
    expect(planned(scene).blockers.length).toBe(action === 'blocked' ? 1 : 0);
  });
});

describe('an object that is listed and not wanted', () => {
  it.each<[string, Scene, readonly (readonly string[])[]]>([
    ['is deleted', { inventory: listed([ours('a')]), live: [stored(ours('a'))] }, [['a', 'delete', '']]],
    [
      'is deleted when its uid was never written down',
      { inventory: listed([ours('a')], ''), live: [stored(ours('a'))] },
      [['a', 'delete', '']],
    ],
    ['is forgotten when it is gone', { inventory: listed([ours('a')]) }, []],
    [
      'is let be while it is being deleted',
      { inventory: listed([ours('a')]), live: [stored(ours('a'), 'u-1', { deletionTimestamp: 'now' })] },
      [],
    ],
    [
      'is skipped when it is another one',
      { inventory: listed([ours('a')]), live: [stored(ours('a'), 'u-2')] },
      [
        [
          'a',
          'skip',
          'another object has taken its name since (last written by nobody known): it is left alone',
        ],
      ],
    ],
    [
      'is skipped without our mark',
      { inventory: listed([ours('a')]), live: [stored(bare('a'))] },
      [['a', 'skip', 'it exists and is not ours (last written by nobody known)']],
    ],
    [
      'is skipped, and stays listed, when somebody took its mark',
      {
        inventory: listed([ours('a')]),
        live: [stored(bare('a'))],
        world: { unmarked: new Map([[keyOf(refOf(ours('a'))), name]]) },
      },
      [
        [
          'a',
          'skip',
          'its mark was taken away: it stays, and stays listed; with its mark back the next apply deletes it',
        ],
      ],
    ],
    [
      'is skipped when it cannot be read',
      { inventory: listed([ours('a')]), world: { live: new Map() } },
      [['a', 'skip', 'cannot be read: it was not asked for']],
    ],
  ])('%s', (_about, scene, wanted) => {
    expect(actions(planned(scene))).toEqual(wanted);
    expect(planned(scene).changes.every((change) => change.action !== 'delete' || change.uid === 'u-1')).toBe(
      true,
    );
  });
});

describe('a brake', () => {
  const losing = (count: number, of: number): Scene => {
    const all = many(of);
    return { wanted: all.slice(count), inventory: listed(all), live: all.map((object) => stored(object)) };
  };

  it.each([
    [10, 12, []],
    [11, 22, [['prune-brake', '--allow-prune App/shop/web']]],
    [11, 23, []],
    [30, 30, [['prune-brake', '--allow-prune App/shop/web']]],
  ])('on %d of %d objects', (count, of, wanted) => {
    expect(codes(planned(losing(count, of)))).toEqual(wanted);
    const permitted = {
      ...losing(count, of),
      input: { permissions: { deletions: new Set<string>(), prunes: new Set([name]) } },
    };
    expect(codes(planned(permitted))).toEqual([]);
  });

  it('says how many deletions it stops', () => {
    expect(planned(losing(30, 30)).blockers).toMatchObject([{ count: 30 }]);
  });

  it('holds an owner that leaves the cluster though its document stands, not one whose document went', () => {
    const scene = losing(1, 1);
    expect(codes(planned(scene))).toEqual([]);
    expect(codes(planned({ ...scene, input: { owners: new Set([name]) } }))).toEqual([
      ['prune-brake', '--allow-prune App/shop/web'],
    ]);
  });

  it.each([
    'Namespace',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'CustomResourceDefinition',
    'StatefulSet',
  ])('holds every %s', (kind) => {
    const scene = { inventory: listed([ours('a', kind)]), live: [stored(ours('a', kind))] };
    expect(codes(planned(scene))).toEqual([['protected-kind', `--allow-delete ${kind}/a`]]);
    const permitted = {
      ...scene,
      input: { permissions: { deletions: new Set([`${kind}/a`]), prunes: new Set<string>() } },
    };
    expect(actions(planned(permitted))).toEqual([['a', 'delete', '']]);
  });

  it('holds everything when an inventory cannot be read', () => {
    const one = planned({ wanted: [ours('a')], world: { inventories: unknown('it is damaged') } });
    expect(one.blockers).toEqual([{ code: 'damaged-inventory', why: 'it is damaged' }]);
  });
});

describe('a cluster', () => {
  it.each<[string, Scene, readonly string[]]>([
    [
      'that is the right one',
      {
        input: { identities: new Map([['lab', 'k-1']]) },
        world: { identity: { fleet: 'acme', cluster: 'lab' } },
      },
      [],
    ],
    [
      'that says it is another one',
      { world: { identity: { fleet: 'acme', cluster: 'other' } } },
      ['it says that it is cluster other of fleet acme, not lab of acme'],
    ],
    [
      'of another fleet',
      { world: { identity: { fleet: 'rival', cluster: 'lab' } } },
      ['it says that it is cluster lab of fleet rival, not lab of acme'],
    ],
    [
      'that was replaced',
      { input: { identities: new Map([['lab', 'k-2']]) } },
      ['its kube-system has uid k-1, toryo.lock says k-2'],
    ],
    [
      'that toryo.lock does not know',
      { input: { identities: new Map([['lab', undefined]]) } },
      ['toryo.lock does not say which cluster it is: run `toryo lock`'],
    ],
  ])('%s', (_about, scene, wanted) => {
    const one = planned({ wanted: [ours('a')], ...scene });
    expect(one.blockers.map((blocker) => blocker.why)).toEqual(wanted);
    expect(one.changes.length).toBe(wanted.length === 0 ? 1 : 0);
  });

  it('that is not there yet gets everything; one that cannot be read gets nothing and says why and what to do', () => {
    expect(actions(planned({ wanted: [ours('a')], seen: { is: 'absent' } }))).toEqual([['a', 'create', '']]);
    const why = failure('TORYO_KUBE_UNREACHABLE', {
      verb: 'get',
      what: '/version',
      server: 'https://a',
      why: 'connection refused',
    });
    const one = planned({ wanted: [ours('a')], seen: { is: 'unknown', why } });
    expect(one).toMatchObject({ state: 'unknown', changes: [] });
    expect(one.why).toMatch(/^get \/version: no answer from https:\/\/a \(connection refused\)\. Check that/);
  });
});
