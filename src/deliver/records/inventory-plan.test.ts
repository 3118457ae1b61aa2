import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../lib/index.ts';
import { keyOf, ownerLabel, refOf, type KubeObject } from '../../objects/index.ts';
import type { Inventory, Member } from '../../world/index.ts';
import { checkInventories, type InventoryInput } from './inventory-plan.ts';
import { bare, listed, name, ours, owner, stored } from '../testing/scene.ts';

const member = (object: KubeObject, more: Partial<Member> = {}): Member => ({
  ref: refOf(object),
  uid: 'u-1',
  ownerLabel: ownerLabel(owner),
  isControlled: false,
  isApplied: true,
  ...more,
});
const check = (
  input: Partial<InventoryInput> & {
    readonly wanted?: readonly KubeObject[];
    readonly whole?: readonly Inventory[];
  },
) => {
  const manifests = (input.wanted ?? []).map((object) => ({
    object,
    owner,
    from: { file: '', line: 1, column: 1, path: '' },
  }));
  return checkInventories({
    fleet: 'acme',
    bundle: {
      cluster: 'lab',
      version: '1.35',
      digest: 'd',
      infrastructure: { kind: 'none' },
      manifests,
      owners: new Map(),
      needs: new Map(),
    },
    shelf: { whole: input.whole ?? [], damaged: [] },
    members: [],
    live: new Map(),
    unmarked: new Map(),
    ...input,
  });
};
const there = (...objects: readonly KubeObject[]) =>
  new Map(objects.map((object) => [keyOf(refOf(object)), known<KubeObject | undefined>(object)]));
const said = (one: ReturnType<typeof check>) => one.findings.map((finding) => [finding.what, finding.object]);
const names = (one: ReturnType<typeof check>) =>
  one.repaired.map((inventory) => inventory.items.map((item) => item.ref.name));

describe('inventories', () => {
  it('that list what is there are right, controllers’ copies left out', () => {
    const pod = member(bare('pod', 'Pod'), { isControlled: true, isApplied: false });
    const one = check({
      whole: [listed([ours('a')])],
      members: [member(ours('a')), pod],
      live: there(stored(ours('a'))),
    });
    expect(one).toEqual({ findings: [], repaired: [], controlled: 1 });
  });

  it('that miss an object list it again; what is wanted is the next apply’s to list', () => {
    const input = { whole: [listed([])], members: [member(ours('a'))] };
    expect(said(check(input))).toEqual([['unlisted', 'ConfigMap/shop-web/a']]);
    expect(names(check(input))).toEqual([['a']]);
    expect(check({ ...input, wanted: [ours('a')] })).toMatchObject({ findings: [], repaired: [] });
  });

  it('never list a copy of our labels', () => {
    const one = check({ whole: [listed([])], members: [member(ours('a'), { isApplied: false })] });
    expect(said(one)).toEqual([['copied', 'ConfigMap/shop-web/a']]);
    expect(one.repaired).toEqual([]);
  });

  it('lose what is gone, was replaced or is not ours', () => {
    const gone = { ...ours('gone') };
    const one = check({
      whole: [listed([ours('a'), gone, ours('new'), bare('bare')])],
      members: [member(ours('a')), member(ours('new'), { uid: 'u-2', isApplied: false })],
      live: new Map([
        ...there(stored(ours('a')), stored(ours('new'), 'u-2'), stored(bare('bare'))),
        [keyOf(refOf(gone)), known(undefined)],
      ]),
    });
    expect(said(one)).toEqual([
      ['copied', 'ConfigMap/shop-web/new'],
      ['gone', 'ConfigMap/shop-web/gone'],
      ['replaced', 'ConfigMap/shop-web/new'],
      ['not-ours', 'ConfigMap/shop-web/bare'],
    ]);
    expect(names(one)).toEqual([['a']]);
  });

  it('keep what only lost its mark, and say whether apply restores it', () => {
    const whole = [listed([ours('a'), ours('b')])];
    const unmarked = new Map([ours('a'), ours('b')].map((object) => [keyOf(refOf(object)), name]));
    const live = there(stored(bare('a')), stored(bare('b')));
    const one = check({ wanted: [ours('a')], whole, live, unmarked });
    expect(one.findings.map(({ what, object, why }) => [what, object, why])).toEqual([
      ['unmarked', 'ConfigMap/shop-web/a', 'mark missing: apply restores it'],
      [
        'unmarked',
        'ConfigMap/shop-web/b',
        'mark missing, and the repository does not want it: it stays, and stays listed',
      ],
    ]);
    expect(one.repaired).toEqual([]);
    const gone = check({
      whole: [listed([ours('a'), ours('b'), ours('gone')])],
      unmarked,
      live: there(stored(bare('a')), stored(bare('b'))).set(keyOf(refOf(ours('gone'))), known(undefined)),
    });
    expect(names(gone)).toEqual([['a', 'b']]);
  });

  it('keep what cannot be read, and a Job that removed itself when it was done', () => {
    const job = { ...ours('job', 'Job'), apiVersion: 'batch/v1', spec: { ttlSecondsAfterFinished: 1 } };
    const one = check({
      wanted: [job],
      whole: [listed([ours('a'), job])],
      live: new Map([
        [keyOf(refOf(ours('a'))), unknown('no right')],
        [keyOf(refOf(job)), known(undefined)],
      ]),
    });
    expect(one.findings).toEqual([]);
  });

  it('that are lost or damaged are written from what is there', () => {
    const members = [member(ours('a')), member(ours('b'))];
    const lost = check({ members, wanted: [ours('a')] });
    expect(lost.findings).toEqual([
      {
        what: 'lost',
        owner: 'App/shop/web',
        object: 'ConfigMap/toryo-system/inventory.app.shop.web',
        why: 'is not there, and App/shop/web has 2 objects here, 1 of which the repository does not want',
      },
    ]);
    expect(names(lost)).toEqual([['a', 'b']]);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'inventory.app.shop.web', namespace: 'toryo-system' },
      data: {
        objects: 'nonsense',
        record: '{"digest":"d","since":"2026-01-01T00:00:00Z","phase":"healthy"}',
      },
    };
    const damaged = check({ members, shelf: { whole: [], damaged: [object] } });
    expect(said(damaged)).toEqual([['damaged', 'ConfigMap/toryo-system/inventory.app.shop.web']]);
    expect(names(damaged)).toEqual([['a', 'b']]);
    expect(damaged.repaired[0]?.record?.phase).toBe('healthy');
  });

  it('of an owner that nobody can tell are left alone', () => {
    const one = check({ members: [member(ours('a'), { ownerLabel: 'app.cut-1234567890' })] });
    expect(said(one)).toEqual([['unknown-owner', 'ConfigMap/shop-web/a']]);
    expect(one.repaired).toEqual([]);
  });
});
