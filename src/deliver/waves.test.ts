import { describe, expect, it } from 'vitest';
import { failure, type Run } from '../lib/index.ts';
import type { Delivered } from './delivery.ts';
import { levelsOf } from './levels.ts';
import { atOnceOf, deliverWaves, whyOf } from './waves.ts';

const run: Run = { signal: new AbortController().signal, now: () => '', emit: () => {} };
const ended = (cluster: string, outcome: Delivered['outcome']): Delivered => ({
  cluster,
  outcome,
  written: 0,
  pruned: 0,
  failures: [],
  health: [],
});

describe('atOnceOf', () => {
  it.each([
    [undefined, 8, 8],
    [3, 8, 3],
    [0, 8, 1],
    ['25%', 8, 2],
    ['25%', 7, 1],
    ['10%', 3, 1],
    ['100%', 5, 5],
    [undefined, 0, 1],
  ])('%s of %d clusters is %d', (atOnce, count, wanted) => {
    const clusters = Array.from({ length: count }, (_, index) => `c-${index}`);
    expect(atOnceOf({ atOnce, clusters })).toBe(wanted);
  });
});

describe('waves', () => {
  const deliverAll = async (
    outcomes: Readonly<Record<string, Delivered['outcome']>>,
    waves: readonly (readonly string[])[],
    more: object = {},
  ) => {
    const orders = waves.map((clusters, index) => ({
      name: `w${index}`,
      clusters,
      atOnce: 1,
      stopAfterFailures: 1,
      ...more,
    }));
    const delivered = await deliverWaves(
      orders,
      (cluster) => Promise.resolve(ended(cluster, outcomes[cluster] ?? 'done')),
      run,
    );
    return delivered.map((one) => [one.cluster, one.outcome, whyOf(one)]);
  };

  it.each(['unhealthy', 'timed-out', 'failed'] as const)(
    'stop after a cluster that is %s',
    async (outcome) => {
      expect(await deliverAll({ a: outcome }, [['a'], ['b'], ['c']])).toEqual([
        ['a', outcome, ''],
        ['b', 'not-started', 'wave w0 failed'],
        ['c', 'not-started', 'wave w0 failed'],
      ]);
    },
  );

  it.each(['unreachable', 'done', 'blocked'] as const)(
    'go on after a cluster that is %s',
    async (outcome) => {
      expect(await deliverAll({ a: outcome }, [['a'], ['b']])).toEqual([
        ['a', outcome, ''],
        ['b', 'done', ''],
      ]);
    },
  );

  it('stop within a wave after as many failures as it allows', async () => {
    expect(await deliverAll({ a: 'failed' }, [['a', 'b', 'c']])).toEqual([
      ['a', 'failed', ''],
      ['b', 'not-started', '1 cluster of wave w0 failed before'],
      ['c', 'not-started', '1 cluster of wave w0 failed before'],
    ]);
    expect(await deliverAll({ a: 'failed' }, [['a', 'b']], { stopAfterFailures: 2 })).toEqual([
      ['a', 'failed', ''],
      ['b', 'done', ''],
    ]);
  });

  it('never have more clusters under way than they may', async () => {
    let now = 0;
    let most = 0;
    const deliverOne = async (cluster: string): Promise<Delivered> => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return ended(cluster, 'done');
    };
    const clusters = Array.from({ length: 9 }, (_, index) => `c-${index}`);
    const delivered = await deliverWaves(
      [{ name: 'w', clusters, atOnce: 3, stopAfterFailures: 1 }],
      deliverOne,
      run,
    );
    expect(delivered).toHaveLength(9);
    expect(most).toBe(3);
  });
});

describe('whyOf', () => {
  it('says what happened and what to do', () => {
    const why = failure('TORYO_KUBE_UNAUTHENTICATED', { verb: 'get', what: '/version', why: 'Unauthorized' });
    expect(whyOf({ ...ended('a', 'unreachable'), why })).toMatch(
      /^get \/version: not authenticated \(Unauthorized\)\. The token or certificate is expired/,
    );
    const ref = { group: 'apps', kind: 'Deployment', namespace: 'n', name: 'web' };
    expect(
      whyOf({
        ...ended('a', 'unhealthy'),
        health: [
          { ref, health: { state: 'progressing', why: 'slow' } },
          { ref, health: { state: 'failed', why: 'bad' } },
        ],
      }),
    ).toBe('Deployment/web: bad');
  });
});

describe('levelsOf', () => {
  const from = { file: '', line: 1, column: 1, path: '' };
  const manifestOf = (name: string) => {
    const [kind, tenant = '', app] = name.split('/');
    const owner = kind === 'Addon' ? { addon: tenant } : app === undefined ? { tenant } : { tenant, app };
    return { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, owner, from };
  };

  it.each<
    [string, readonly string[], Readonly<Record<string, readonly string[]>>, readonly (readonly string[])[]]
  >([
    ['tenants before Apps', ['App/a/x', 'Tenant/a'], {}, [['Tenant/a'], ['App/a/x']]],
    ['independent Apps together', ['App/a/x', 'Addon/m', 'App/b/y'], {}, [['App/a/x', 'Addon/m', 'App/b/y']]],
    [
      'each after what it needs',
      ['App/a/z', 'App/a/y', 'App/a/x'],
      { 'App/a/z': ['App/a/y'], 'App/a/y': ['App/a/x'] },
      [['App/a/x'], ['App/a/y'], ['App/a/z']],
    ],
    [
      'what is not on the cluster is not waited for',
      ['App/a/x'],
      { 'App/a/x': ['Addon/none'] },
      [['App/a/x']],
    ],
    [
      'a circle is no endless wait',
      ['App/a/x', 'App/a/y'],
      { 'App/a/x': ['App/a/y'], 'App/a/y': ['App/a/x'] },
      [['App/a/y'], ['App/a/x']],
    ],
    ['nothing', [], {}, []],
  ])('%s', (_about, names, needs, wanted) => {
    const levels = levelsOf({ manifests: names.map(manifestOf), needs: new Map(Object.entries(needs)) });
    expect(levels.map((level) => [...level.owners])).toEqual(wanted);
    expect(levels.at(-1)?.awaited ?? new Set()).toEqual(new Set(names));
  });
});
