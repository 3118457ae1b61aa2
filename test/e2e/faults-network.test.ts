import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultProxy } from '../fault-proxy.ts';
import { until } from './bench.ts';
import { configMapYaml } from './fleet-files.ts';
import { FaultBench } from './faults.ts';

let faults: FaultBench;
let first: FaultProxy;
let later: FaultProxy;
const clusters = ['first', 'east', 'later', 'last'] as const;

beforeAll(async () => {
  faults = await FaultBench.start(
    [
      { name: 'first', wave: 'canary' },
      { name: 'east', wave: 'middle' },
      { name: 'later', wave: 'middle' },
      { name: 'last', wave: 'rest' },
    ],
    { behind: true },
  );
  [first, later] = [faults.proxy('first'), faults.proxy('later')];
});
afterAll(() => faults.stop());
beforeEach(() => {
  for (const name of clusters) faults.proxy(name).set({ kind: 'none' });
});

const turns = async (): Promise<readonly unknown[]> =>
  Promise.all(clusters.map((name) => faults.turnIn(name)));
const all = (turn: string): readonly string[] => clusters.map(() => turn);
const isWrite = (method: string, path: string): boolean =>
  method === 'PATCH' && path.includes('/configmaps/web') && !path.includes('dryRun');
const many = Array.from({ length: 30 }, (_, index) => `one-${index}`);
const maps = (turn: string): readonly string[] => many.map((name) => configMapYaml(name, { turn }));

describe('a bad network', () => {
  let usual = 0;
  const requests = (): number => clusters.reduce((sum, name) => sum + faults.proxy(name).requests.length, 0);
  const deliver = async (turn: string): Promise<number> => {
    const before = requests();
    await faults.turn(turn, ...maps(turn));
    await faults.apply(0);
    expect(await turns()).toEqual(all(turn));
    return requests() - before;
  };

  it('that is well needs so many requests', async () => {
    await deliver('before');
    usual = await deliver('usual');
    expect(usual).toBeGreaterThan(100);
  });

  it.each([
    [
      'asks to come back in a second, now and then',
      { kind: 'status', status: 429, retryAfter: 1 },
      { every: 40 },
    ],
    ['resets every tenth connection', { kind: 'reset' }, { every: 10 }],
    ['loses every twentieth answer', { kind: 'lost-answer' }, { every: 20 }],
    ['is slow', { kind: 'latency', milliseconds: 200 }, {}],
  ] as const)('that %s delivers all the same, with few more requests', async (how, fault, occasion) => {
    for (const name of clusters) faults.proxy(name).set(fault, occasion);
    const count = await deliver(how.replaceAll(/\W+/g, '-'));
    expect(count).toBeLessThan(usual * 1.3 + 40);
  });
});

describe('an API server that is restarted in the middle of a delivery', () => {
  it('is waited for, and the delivery goes on', async () => {
    await faults.turn('restart', ...maps('restart'));
    first.set({ kind: 'latency', milliseconds: 300 }, { matching: isWrite });
    const running = faults.launch();
    await until(
      async () => first.hits,
      (hits) => hits > 0,
      60,
    );
    const { components } = faults.bench.cluster('first').running;
    process.kill(components.find((one) => one.name === 'apiserver')!.life.pid, 'SIGKILL');
    const answer = await faults.expectCode(0, running);
    expect(answer.out).toMatch(/canary +first +done/);
    expect(await turns()).toEqual(all('restart'));
  });
});

describe('a cluster that vanishes in the middle of its wave', () => {
  const vanish = async (turn: string, ...words: readonly string[]) => {
    await faults.turn(turn, ...maps(turn));
    later.set({ kind: 'silence' }, { times: 1, matching: isWrite });
    const running = faults.launch(...words);
    await until(
      async () => later.hits,
      (hits) => hits > 0,
      60,
    );
    later.set({ kind: 'reset' });
    later.breakAll();
    return running;
  };

  it('and comes back in time is caught up, and only then the next wave starts', async () => {
    const running = await vanish('back', '--patience', '60s');
    await faults.said(running, /later .*(no answer|failed)/);
    await sleep(3000);
    expect(await faults.turnIn('last')).not.toBe('back');
    later.set({ kind: 'none' });
    const answer = await faults.expectCode(0, running);
    expect(answer.out).toMatch(/middle +later +done/);
    expect(await turns()).toEqual(all('back'));
  });

  it('and stays away ends with exit 6; its wave is delivered elsewhere, later ones are not', async () => {
    const before = await faults.bench.writes('last');
    const running = await vanish('away', '--patience', '6s');
    const answer = await faults.expectCode(6, running);
    expect(answer.err).toContain('later wait cluster: it is asked again every 5 s until 20');
    expect(answer.out).toMatch(/canary +first +done/);
    expect(answer.out).toMatch(/middle +east +done/);
    expect(answer.out).toMatch(/middle +later +unreachable .*no answer from https:/);
    expect(answer.out).toMatch(/rest +last +\S.* wave middle is not done: later cannot be reached/);
    expect(await turns()).toEqual(['away', 'away', 'back', 'back']);
    expect(await faults.bench.writes('last', before)).toEqual(new Map());
    later.set({ kind: 'none' });
    await faults.apply(0);
    expect(await turns()).toEqual(all('away'));
  });
});
