import { describe, expect, it } from 'vitest';
import { known } from '../../lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../../objects/index.ts';
import type { PlannedCluster } from './change.ts';
import { bare, listed, name, ours, planned, stored, type Scene } from '../testing/scene.ts';

const many = (count: number, kind?: string) =>
  Array.from({ length: count }, (_, index) => ours(`m-${index}`, kind));
const losing = (all: number, lost: number, input: Scene['input'] = {}): PlannedCluster =>
  planned({
    inventory: listed(many(all)),
    live: many(all).map((object) => stored(object)),
    wanted: many(all).slice(lost),
    input,
  });
const brake = (one: PlannedCluster): string | undefined =>
  one.blockers.find((blocker) => blocker.code === 'prune-brake')?.why;
const selecting = new Map([[name, new Set(['lab'])]]);

describe('limits of the Fleet', () => {
  it.each<[number, number, Scene['input'], string | undefined]>([
    [20, 2, { prune: { atMost: '10%' } }, undefined],
    [
      20,
      3,
      { prune: { atMost: '10%' } },
      'App/shop/web loses 3 of 20 objects, and Fleet.spec.prune lets 2 go at once (atMost: 10%)',
    ],
    [
      500,
      21,
      { prune: { atMost: '10%', atMostObjects: 20 } },
      'App/shop/web loses 21 of 500 objects, and Fleet.spec.prune lets 20 go at once (atMost: 10%, atMostObjects: 20)',
    ],
    [500, 20, { prune: { atMost: '10%', atMostObjects: 20 } }, undefined],
    [
      40,
      5,
      { prune: { atMost: '10%', atMostObjects: 20 } },
      'App/shop/web loses 5 of 40 objects, and Fleet.spec.prune lets 4 go at once (atMost: 10%, atMostObjects: 20)',
    ],
    // A small owner may lose one.
    [5, 1, { prune: { atMost: '10%' } }, undefined],
    [
      5,
      2,
      { prune: { atMost: '10%' } },
      'App/shop/web loses 2 of 5 objects, and Fleet.spec.prune lets 1 go at once (atMost: 10%)',
    ],
    [
      5,
      1,
      { prune: { atMost: '0%' } },
      'App/shop/web loses 1 of 5 objects, and Fleet.spec.prune lets 0 go at once (atMost: 0%)',
    ],
    [5, 3, { prune: { atMost: 3 } }, undefined],
    [
      5,
      4,
      { prune: { atMost: 3 } },
      'App/shop/web loses 4 of 5 objects, and Fleet.spec.prune lets 3 go at once (atMost: 3)',
    ],
    // Without limits the built-in brake: more than ten, and half of them.
    [22, 11, {}, 'App/shop/web loses 11 of 22 objects'],
    [22, 10, {}, undefined],
    [22, 11, { prune: {} }, 'App/shop/web loses 11 of 22 objects'],
    [100, 30, { prune: { atMostObjects: 30 } }, undefined],
  ])('of %d objects %d go: %o', (all, lost, input, why) => {
    expect(brake(losing(all, lost, input))).toBe(why);
  });

  it('are passed by naming the owner', () => {
    const permissions = { deletions: new Set<string>(), prunes: new Set([name]) };
    expect(losing(20, 3, { prune: { atMost: '10%' }, permissions }).blockers).toEqual([]);
    expect(losing(20, 3, { prune: { atMost: '10%' } }).blockers[0]?.allow).toBe('--allow-prune App/shop/web');
  });
});

describe('a source that renders to nothing', () => {
  const gone = (more: Scene): PlannedCluster =>
    planned({ inventory: listed(many(2)), live: many(2).map((object) => stored(object)), ...more });
  const generous = { prune: { atMost: 100, atMostObjects: 100 } };

  it('is braked whatever the limits', () => {
    expect(brake(gone({ input: { selecting, owners: new Set([name]), ...generous } }))).toBe(
      'App/shop/web still has a document that selects this cluster, and it renders to nothing: all of its 2 objects would go. Look at its source',
    );
  });
  it('of what it had is braked too, unless it had little', () => {
    const scene = { wanted: [ours('other')], input: { selecting, ...generous } };
    const six = { inventory: listed(many(6)), live: many(6).map((object) => stored(object)) };
    expect(brake(gone({ ...six, ...scene }))).toBe(
      'App/shop/web renders to other objects and to none of the 6 that it has here: look whether its source is the right one',
    );
    expect(brake(gone(scene))).toBeUndefined();
  });
  it('is another thing than a cluster that is not selected any more, or a document that went', () => {
    const owners = new Set([name]);
    expect(brake(gone({ input: { selecting: new Map(), owners, ...generous } }))).toMatch(
      /leaves this cluster/,
    );
    expect(brake(gone({ input: { selecting: new Map(), ...generous } }))).toBeUndefined();
  });
});

describe('what was undone by hand', () => {
  const undone = (bad: string): Scene => ({
    inventory: {
      ...listed([ours('a'), ours('c', 'PersistentVolumeClaim')]),
      record: {
        digest: 'd',
        phase: 'stuck',
        since: '2026-01-01T00:00:00Z',
        revision: 'r',
        plan: '',
        bad,
        why: 'undone by hand',
      },
    },
    live: [stored(ours('a')), stored(ours('c', 'PersistentVolumeClaim'))],
    wanted: [ours('b')],
    input: { revisions: new Map([[name, 'r']]) },
  });

  it('stays while its revision is the same', () => {
    const one = planned(undone('r'));
    expect(one.blockers).toEqual([]);
    expect(one.changes.slice(1).map((change) => [change.action, change.why, change.isOurs])).toEqual([
      ['skip', 'undone by hand: it stays until its owner changes', true],
      ['skip', 'undone by hand: it stays until its owner changes', true],
    ]);
  });
  it('goes with the next revision', () => {
    expect(
      planned(undone('before'))
        .changes.slice(1)
        .map((change) => change.action),
    ).toEqual(['delete', 'blocked']);
  });
});

describe('what `removed` names', () => {
  const space: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop-web', labels: ours('x').metadata.labels! },
  };
  const claim = ours('data', 'PersistentVolumeClaim');
  const objects = [ours('a'), claim, space];
  const leaving = (removal: object, more: Partial<Scene> = {}): PlannedCluster =>
    planned({
      inventory: listed(objects),
      live: objects.map((object) => stored(object)),
      input: { removed: [{ what: 'Tenant/shop', ...removal }], prune: { atMost: '0%' } },
      ...more,
    });
  const actions = (one: PlannedCluster) =>
    one.changes.map((change) => [change.subject.name, change.action, change.release ?? change.isRemoval]);
  const holding = (...claims: readonly KubeObject[]): Partial<Scene> => ({
    world: { claims: known(new Map([['shop-web', claims]])) },
  });

  it('is deleted without a flag when its data is to be', () => {
    const one = leaving({ data: 'delete' });
    expect(actions(one)).toEqual([
      ['a', 'delete', true],
      ['data', 'delete', true],
      ['shop-web', 'delete', true],
    ]);
    expect(one.blockers).toEqual([]);
  });
  it('keeps claims and their namespaces, those that nobody listed too', () => {
    const made = stored({ ...bare('files-db-0', 'PersistentVolumeClaim') });
    const one = leaving({ data: 'keep' }, holding(stored(claim), made));
    expect(actions(one)).toEqual([
      ['a', 'delete', true],
      ['data', 'configure', 'kept'],
      ['shop-web', 'configure', 'kept'],
      ['files-db-0', 'configure', 'kept'],
    ]);
    expect(one.blockers).toEqual([]);
  });
  it('loses namespaces without claims', () => {
    expect(actions(leaving({ data: 'keep' }, holding())).at(-1)).toEqual(['shop-web', 'delete', true]);
  });
  it('is not deleted while nobody knows its claims, or one would go with its StatefulSet', () => {
    expect(leaving({ data: 'keep' }).blockers[0]?.why).toMatch(/its claims cannot be read/);
    const bound = stored(bare('files-db-0', 'PersistentVolumeClaim'), 'u-1', {
      ownerReferences: [{ kind: 'StatefulSet', name: 'db' }],
    });
    expect(leaving({ data: 'keep' }, holding(bound)).blockers).toEqual([
      {
        code: 'protected-kind',
        why: 'PersistentVolumeClaim/shop-web/files-db-0: it would be deleted together with StatefulSet/db: set persistentVolumeClaimRetentionPolicy.whenDeleted there to Retain first',
      },
    ]);
  });
  it('is let go when it is forgotten', () => {
    expect(actions(leaving({ forget: true })).map(([, action, release]) => [action, release])).toEqual([
      ['configure', 'forgotten'],
      ['configure', 'forgotten'],
      ['configure', 'forgotten'],
    ]);
  });
  it('is only what is in the namespace, when a namespace is named', () => {
    const one = planned({
      inventory: listed([ours('a')]),
      live: [stored(ours('a'))],
      input: { removed: [{ what: 'Namespace/shop/other', data: 'delete' }] },
    });
    expect(one.changes.map((change) => change.isRemoval)).toEqual([undefined]);
  });
});

describe('objects of a renamed owner', () => {
  const old = { tenant: 'shop', app: 'old' };
  const theirs = ours('a', undefined, old);
  const inventory = { ...listed([theirs]), owner: old, name: 'inventory.app.shop.old' };
  const inventories = known(new Map([['App/shop/old', inventory]]));

  it('change hands, and are not deleted', () => {
    const one = planned({
      wanted: [ours('a')],
      live: [stored(theirs)],
      world: { inventories },
      input: { moved: new Map([['App/shop/old', name]]) },
    });
    expect(one.changes.map((change) => change.action)).toEqual(['configure']);
    expect(one.blockers).toEqual([]);
  });
  it('are blocked without a word, or when no inventory lists them', () => {
    const scene = { wanted: [ours('a')], live: [stored(theirs)] };
    expect(planned({ ...scene, world: { inventories } }).changes[0]?.why).toMatch(
      /named in `moved` of the Fleet/,
    );
    const moved = new Map([['App/shop/old', name]]);
    expect(planned({ ...scene, input: { moved } }).changes[0]?.action).toBe('blocked');
  });
  it('are crossed out of an inventory that still lists them', () => {
    const key = keyOf(refOf(ours('a')));
    const one = planned({
      wanted: [ours('a')],
      world: { inventories, live: new Map([[key, known(stored(ours('a')))]]) },
    });
    expect(one.closing).toEqual(['App/shop/old']);
  });
});
