import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterLease, holderIdentity, type Holder } from '../../src/deliver/index.ts';
import { leaseName } from '../../src/lib/index.ts';
import { stringAt } from '../../src/lib/index.ts';
import { testRun, until } from './bench.ts';
import { FaultBench } from './faults.ts';

let faults: FaultBench;
const ref = { group: 'coordination.k8s.io', kind: 'Lease', namespace: 'toryo-system', name: leaseName };
const sick = `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n`;

beforeAll(async () => {
  faults = await FaultBench.start(
    [
      { name: 'first', wave: 'canary' },
      { name: 'later', wave: 'rest' },
      { name: 'spare', wave: 'rest' },
    ],
    { waves: { canary: 'soak: 15s' } },
  );
});
afterAll(() => faults.stop());

const holder = (identity: string, commit: string, older: readonly string[] = []): Holder => ({
  identity,
  commit,
  isNewerThan: async (other) => older.includes(other),
});
const setLease = (cluster: string, spec: object): Promise<unknown> =>
  faults.bench.client(cluster).patch(ref, { spec }, { type: 'merge' });
const micro = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString().replace('Z', '000Z');
const holderIn = async (cluster: string): Promise<string> =>
  stringAt(await faults.bench.client(cluster).get(ref), 'spec', 'holderIdentity') ?? '';

describe('two Toryos at once', () => {
  it('one delivers, the other ends with exit 3 and says who is there', async () => {
    await faults.turn('both');
    const writes = await faults.bench.writes('first');
    const [one, two] = [faults.launch(), faults.launch()];
    const answers = await Promise.all([one.ended, two.ended]);
    const codes = answers.map((answer) => answer.code);
    expect(
      codes.toSorted((left, right) => Number(left) - Number(right)),
      answers.map((answer) => answer.all).join('\n'),
    ).toEqual([0, 3]);
    const winner = codes[0] === 0 ? one : two;
    const loser = answers[codes.indexOf(3)]!;
    expect(loser.err).toMatch(
      new RegExp(
        `TORYO_LOCKED.*somebody else is changing this cluster: \\S+@\\S+, process ${winner.pid}, since 20`,
      ),
    );
    expect(await faults.turnIn('later')).toBe('both');
    expect((await faults.bench.writes('first', writes)).get('APPLY configmaps')).toBeLessThan(6);
    expect(await holderIn('first')).toBe('');
  });

  it('who loses the lease writes no more, takes nothing back, and says to whom', async () => {
    await faults.turn('lost', sick);
    const running = faults.launch('--timeout', '12s');
    await faults.said(running, /first wait health/);
    await setLease('first', { holderIdentity: 'ben@elsewhere/1/2/3' });
    const answer = await faults.expectCode(1, running);
    expect(answer.out).toMatch(/canary +first +failed .*the lease of this cluster was lost to ben@elsewhere/);
    expect(answer.out).toMatch(/rest +later +\S/);
    expect(await faults.record('first')).toMatchObject({ phase: 'moving' });
    expect(await faults.turnIn('first')).toBe('lost');
    expect(await faults.turnIn('later')).toBe('both');
    expect(await holderIn('first')).toBe('ben@elsewhere/1/2/3');
    await setLease('first', { holderIdentity: '' });
  });
});

describe('a lease', () => {
  it.concurrent('goes to a newer commit as soon as the older one only waits', async () => {
    const client = faults.bench.client('later');
    const older = await ClusterLease.take(client, holder(holderIdentity(), 'old'), testRun());
    const newer = ClusterLease.take(client, holder(holderIdentity(), 'new', ['old']), testRun());
    await until(
      async () => older.isWanted,
      (isWanted) => isWanted,
      20,
    );
    older.check();
    await older.release();
    const won = await newer;
    expect(won.isWanted).toBe(false);
    await won.release();
  });

  it.concurrent('that nobody renews is taken, whatever time it has', async () => {
    await setLease('spare', { holderIdentity: 'ana@elsewhere/1/2/3', renewTime: micro(50_000) });
    const begun = performance.now();
    const lease = await ClusterLease.take(
      faults.bench.client('spare'),
      holder(holderIdentity(), 'any'),
      testRun(),
    );
    expect(performance.now() - begun).toBeGreaterThan(29_000);
    await lease.release();
  });

  it.each([
    ['years ahead', 'spare', 50_000],
    ['years ago', 'later', -50_000],
  ])('is judged by whether it is renewed, when its clock is %s', async (_when, cluster, hours) => {
    const client = faults.bench.client(cluster);
    await setLease(cluster, { holderIdentity: 'ana@elsewhere/1/2/3', renewTime: micro(hours) });
    const taking = ClusterLease.take(client, holder(holderIdentity(), 'any'), testRun());
    const refused = expect(taking).rejects.toMatchObject({ code: 'TORYO_LOCKED' });
    await sleep(1000);
    await setLease(cluster, { renewTime: micro(hours + 1) });
    await refused;
  });

  it('whose answer was lost is ours', async () => {
    const identity = holderIdentity();
    await setLease('spare', { holderIdentity: identity, renewTime: micro(0) });
    const begun = performance.now();
    const lease = await ClusterLease.take(faults.bench.client('spare'), holder(identity, 'any'), testRun());
    expect(performance.now() - begun).toBeLessThan(15_000);
    await lease.release();
  });
});
