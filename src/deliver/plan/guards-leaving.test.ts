import { describe, expect, it } from 'vitest';
import { known, type Known } from '../../lib/index.ts';
import { guardObjects, type GuardSpec } from '../../guard/index.ts';
import { keyOf, refOf, type KubeObject, type Manifest, type RefKey } from '../../objects/index.ts';
import { sparingOthers, guardedBy } from './guards-leaving.ts';

const spec: GuardSpec = { profile: 'new', serviceAccounts: [], profiles: [], waivers: [], serviceTypes: [] };
const from = { file: 'fleet.yaml', line: 1, column: 1, path: '' };
const guards = guardObjects({
  enforced: [{ name: 'profile.new', spec }],
  tried: [],
  fallback: spec,
  version: '1.35',
}).map((object): Manifest => ({ object, owner: { tenant: 'platform' }, from }));
const space = (name: string, guard: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'toryo.dev/managed': 'true', 'toryo.dev/guard': guard } },
});
const guard = (name: string): KubeObject => ({
  apiVersion: 'toryo.dev/v1alpha1',
  kind: 'Guard',
  metadata: { name },
});
const liveOf = (...objects: readonly KubeObject[]): ReadonlyMap<RefKey, Known<KubeObject | undefined>> =>
  new Map(objects.map((object) => [keyOf(refOf(object)), known(object)]));
const leftAlone = (manifests: readonly Manifest[], live: ReturnType<typeof liveOf>): readonly string[] =>
  manifests
    .map(sparingOthers(manifests, live))
    .filter((one) => one.object.metadata.name === 'toryo-pod-host.unknown')
    .flatMap((one) => /"NotIn","values":\[("profile[^\]]*)\]/.exec(JSON.stringify(one.object))?.[1] ?? []);

describe('the fallback', () => {
  it('does not fall on a namespace that does not move now and names a Guard of before', () => {
    const live = liveOf(space('shop', 'profile.old'), guard('profile.old'));
    expect(leftAlone(guards, live)).toEqual(['"profile.new","profile.old"']);
  });

  it('does not spare what is only tried', () => {
    const tried = space('shop', 'profile.new');
    const labels = { ...tried.metadata.labels, 'toryo.dev/trial': 'warn.old' };
    const live = liveOf({ ...tried, metadata: { ...tried.metadata, labels } }, guard('warn.old'));
    expect(leftAlone(guards, live)).toEqual(['"profile.new"']);
  });

  it('falls on a namespace whose Guard is not there', () => {
    expect(leftAlone(guards, liveOf(space('shop', 'profile.old')))).toEqual(['"profile.new"']);
  });

  it('spares nobody whose namespace moves along', () => {
    const moving: Manifest = { object: space('shop', 'profile.new'), owner: { tenant: 'shop' }, from };
    const live = liveOf(space('shop', 'profile.old'), guard('profile.old'));
    expect(leftAlone([...guards, moving], live)).toEqual(['"profile.new"']);
  });
});

describe('a namespace', () => {
  it('is guarded by what is wished for, and by what is there', () => {
    const moving: Manifest = { object: space('new', 'profile.new'), owner: { tenant: 'shop' }, from };
    const isGuarded = guardedBy([moving], liveOf(space('old', 'profile.old')));
    expect([isGuarded('new'), isGuarded('old'), isGuarded('other')]).toEqual([true, true, false]);
  });
});
