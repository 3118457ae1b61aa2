import { describe, expect, it } from 'vitest';
import type { Change, PlannedCluster } from './change.ts';
import { hashOf, staleness } from './hash-plan.ts';

const change = (name: string, more: Partial<Change> = {}): Change => ({
  subject: { group: '', kind: 'ConfigMap', namespace: 'shop-web', name },
  owner: { tenant: 'shop', app: 'web' },
  action: 'configure',
  fields: [{ path: 'data.a', before: '1', after: '2' }],
  checkedBy: 'dry-run',
  hasRights: true,
  ...more,
});
const waves = (changes: readonly Change[], more: Partial<PlannedCluster> = {}, wave = 'all') => [
  {
    wave,
    clusters: [{ cluster: 'lab', digest: 'd', state: 'there' as const, changes, blockers: [], ...more }],
  },
];
const hash = (...args: Parameters<typeof waves>): string => hashOf('acme', waves(...args));

describe('the hash of a plan', () => {
  const base = hash([change('a'), change('b')]);

  it.each<[string, string, boolean]>([
    ['the order of changes', hash([change('b'), change('a')]), true],
    ['what is unchanged', hash([change('a'), change('b'), change('c', { action: 'unchanged' })]), true],
    [
      'what was there before',
      hash([change('a', { fields: [{ path: 'data.a', before: '0', after: '2' }] }), change('b')]),
      true,
    ],
    [
      'who checked, notes and warnings',
      hash([change('a', { checkedBy: 'schema', warnings: ['x'] }), change('b')], { notes: ['x'] }),
      true,
    ],
    ['the uid of what is deleted', hash([change('a', { uid: 'u-1' }), change('b')]), true],
    [
      'a wanted value',
      hash([change('a', { fields: [{ path: 'data.a', before: '1', after: '3' }] }), change('b')]),
      false,
    ],
    ['an action', hash([change('a', { action: 'delete', fields: [] }), change('b')]), false],
    ['one change less', hash([change('a')]), false],
    ['the digest of a bundle', hash([change('a'), change('b')], { digest: 'e' }), false],
    ['the wave', hash([change('a'), change('b')], {}, 'rest'), false],
    ['having only read', hashOf('acme', waves([change('a'), change('b')]), true), false],
  ])('and %s', (_about, other, isSame) => {
    expect(other === base).toBe(isSame);
  });

  it('covers from whom fields are taken', () => {
    const taken = { ...change('a'), takes: [{ path: 'data.a', manager: 'alice', value: '1', wanted: '2' }] };
    expect(hash([taken])).not.toBe(hash([change('a')]));
  });
});

describe('a plan made anew', () => {
  const agreed = waves([change('a'), change('b')]);
  const added = (...args: Parameters<typeof waves>): readonly string[] =>
    staleness(agreed, waves(...args)).flatMap((one) => one.added);

  it('may hold less than the one agreed to', () => {
    expect(added([change('a')])).toEqual([]);
    expect(added([])).toEqual([]);
    const fields = [...change('a').fields, { path: 'data.b', before: '1', after: '2' }];
    expect(staleness(waves([change('a', { fields })]), waves([change('a')]))).toEqual([]);
  });

  it('may hold nothing more', () => {
    const wider = change('a', { fields: [...change('a').fields, { path: 'data.b', before: 1, after: 2 }] });
    expect(added([wider])).toEqual(['configure ConfigMap/shop-web/a (data.b)']);
    expect(added([change('a', { action: 'create', fields: [] })])).toEqual(['create ConfigMap/shop-web/a']);
    expect(added([change('c')])).toEqual(['configure ConfigMap/shop-web/c (data.a)']);
    expect(added([], { digest: 'e' })).toEqual([
      'the repository says something else than when the plan was made',
    ]);
    expect(added([], {}, 'rest')).toEqual(['it is in wave rest now, not all']);
    expect(added([], { infrastructure: ['start it'] })).toEqual(['cluster: start it']);
    expect(added([], { noWayBack: { 'App/shop/web': 'gone' } })).toEqual([
      'no way back for App/shop/web: gone',
    ]);
    const taken = { ...change('a'), takes: [{ path: 'data.a', manager: 'alice', value: '1', wanted: '2' }] };
    expect(added([taken])).toEqual(['configure ConfigMap/shop-web/a (takes data.a from alice)']);
  });
});
