import { describe, expect, it } from 'vitest';
import { known } from '../../lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../../objects/index.ts';
import { bare, ours, owner, stored } from '../testing/scene.ts';
import { buriedFrom, buriedIn, creatable, isExpired, isNamed, undoEnd, type Tomb } from './tombstone-plan.ts';
import { reopened, restorables } from './undo-plan.ts';

const managers = [
  { manager: 'toryo-acme', operation: 'Apply' },
  { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status' },
];
const live = (object: KubeObject): KubeObject => ({
  ...stored(object, 'u-1', {
    resourceVersion: '7',
    generation: 2,
    creationTimestamp: 'then',
    managedFields: managers,
    ownerReferences: [{ name: 'gone' }],
    finalizers: ['example.com/kept'],
  }),
  status: { phase: 'Active' },
});
const tomb = (at: string, ...objects: readonly KubeObject[]): Tomb => ({
  owner,
  at,
  by: 'ana',
  plan: 'p',
  buried: objects.map((object) => buriedFrom(live(object))),
});

describe('a buried object', () => {
  it('is the object without what only a server writes, and with who owned which field', () => {
    const buried = buriedFrom(live({ ...ours('a'), data: { x: 'y' } }));
    expect(buried.object).toEqual({
      ...ours('a'),
      data: { x: 'y' },
      metadata: { ...ours('a').metadata, finalizers: ['example.com/kept'] },
    });
    expect(buried.managedFields).toEqual([managers[0]]);
    expect(buriedIn(JSON.parse(JSON.stringify(buried)))).toEqual(buried);
    expect(buriedIn({ object: { kind: 'ConfigMap' } })).toBeUndefined();
  });

  it.each<[string, KubeObject, object]>([
    [
      'a claim without its volume',
      {
        ...bare('c', 'PersistentVolumeClaim'),
        metadata: {
          name: 'c',
          namespace: 'shop-web',
          annotations: { 'pv.kubernetes.io/bind-completed': 'yes', mine: 'stays' },
        },
        spec: { volumeName: 'pv-1', accessModes: ['ReadWriteOnce'] },
      },
      { spec: { accessModes: ['ReadWriteOnce'] }, metadata: { annotations: { mine: 'stays' } } },
    ],
    [
      'a volume without its claim',
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'v' },
        spec: { claimRef: {}, capacity: {} },
      },
      { spec: { capacity: {} } },
    ],
    [
      'a Job without the selector that the server chose',
      {
        ...bare('j', 'Job'),
        apiVersion: 'batch/v1',
        spec: {
          selector: { matchLabels: {} },
          template: { metadata: { labels: { 'controller-uid': 'u', app: 'j' } }, spec: {} },
        },
      },
      { spec: { template: { metadata: { labels: { app: 'j' } }, spec: {} } } },
    ],
  ])('is made again: %s', (_what, object, wanted) => {
    const made = creatable({ object, managedFields: [] });
    expect(made).toMatchObject(wanted);
    expect(Object.keys(made['spec'] as object)).toEqual(Object.keys((wanted as { spec: object }).spec));
  });

  it('can be brought back for seven days', () => {
    const at = '2026-03-01T12:00:00.000Z';
    expect(undoEnd(at)).toBe('2026-03-08T12:00:00.000Z');
    expect(isExpired(at, '2026-03-08T12:00:00.000Z')).toBe(false);
    expect(isExpired(at, '2026-03-08T12:00:00.001Z')).toBe(true);
    expect(isExpired('nonsense', at)).toBe(true);
  });

  it.each([
    [[], true],
    [['ConfigMap/a'], true],
    [['ConfigMap/shop-web/a'], true],
    [['ConfigMap/other/a'], false],
    [['Secret/a'], false],
  ])('is named by %o: %s', (names, is) => expect(isNamed(refOf(ours('a')), names)).toBe(is));
});

describe('what can be brought back', () => {
  const nothing = new Map(
    [keyOf(refOf(ours('a'))), keyOf(refOf(ours('b')))].map((key) => [key, known(undefined)]),
  );

  it('is each object as it was last', () => {
    const newest = tomb('2026-03-02T00:00:00.000Z', { ...ours('a'), data: { turn: '2' } });
    const found = restorables([newest, tomb('2026-03-01T00:00:00.000Z', ours('a'), ours('b'))], nothing, {
      names: [],
    });
    expect(found.map((one) => [one.ref.name, one.tomb.at.slice(0, 10)])).toEqual([
      ['a', '2026-03-02'],
      ['b', '2026-03-01'],
    ]);
    expect(found[0]?.buried.object['data']).toEqual({ turn: '2' });
    expect(restorables([newest], nothing, { names: [], owner: 'App/shop/other' })).toEqual([]);
  });

  it('is not what is there again, or is still going', () => {
    const all = [tomb('2026-03-02T00:00:00.000Z', ours('a'), ours('b'))];
    const there = new Map([
      [keyOf(refOf(ours('a'))), known(stored(ours('a')))],
      [keyOf(refOf(ours('b'))), known(stored(ours('b'), 'u', { deletionTimestamp: 'now' }))],
    ]);
    expect(restorables(all, there, { names: [] }).map((one) => one.obstacle)).toEqual([
      'something of that name is there',
      'it is still being deleted',
    ]);
  });
});

describe('an inventory after an undo', () => {
  const bundle = (...objects: readonly KubeObject[]) => ({
    cluster: 'lab',
    version: '1.35',
    digest: 'd',
    infrastructure: { kind: 'none' as const },
    manifests: objects.map((object) => ({ object, owner, from: { file: '', line: 1, column: 1, path: '' } })),
    owners: new Map([['App/shop/web', 'digest']]),
    needs: new Map(),
  });
  const items = [{ ref: refOf(ours('a')), uid: 'u-2' }];
  const at = '2026-03-02T00:00:00.000Z';

  it('lists the object, and calls the revision bad that does not want it', () => {
    const after = reopened({ owner, known: undefined, bundle: bundle(), revision: 'rev', at }, items);
    expect(after.items).toEqual(items);
    expect(after.record).toMatchObject({
      phase: 'stuck',
      bad: 'rev',
      why: 'undone by hand',
      digest: 'digest',
    });
  });
  it('calls nothing bad when the repository wants the object again', () => {
    const after = reopened(
      { owner, known: undefined, bundle: bundle(ours('a')), revision: 'rev', at },
      items,
    );
    expect(after.record).toBeUndefined();
  });
});
