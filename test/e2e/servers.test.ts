import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bench, core } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/platform/web/manifests/web.yaml';
const both = { east: 'east', west: 'west' };
type Change = (cluster: Record<string, unknown>, user: Record<string, unknown>) => void;

beforeAll(async () => {
  bench = await Bench.start({ name: 'east', components: 'server' }, { name: 'west', components: 'server' });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'east' }, { name: 'west' }]),
    'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web'),
    [manifests]: configMapYaml('web', { turn: '0' }),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  const applied = await bench.toryo('apply', '--yes');
  expect(applied.code, applied.all).toBe(0);
});
afterAll(() => bench.stop());
beforeEach(() => bench.useContexts(both));

const breakEast = (change: Change): Promise<void> =>
  bench.useContexts(both, (context, cluster, user) => {
    if (context === 'east') change(cluster, user);
  });
const turnOf = async (cluster: string): Promise<unknown> =>
  (await bench.client(cluster).get(core('ConfigMap', 'web', 'web')))?.['data'];
const withoutCertificate = (user: Record<string, unknown>): void => {
  delete user['client-certificate-data'];
  delete user['client-key-data'];
};

describe('a cluster', () => {
  it.each<[string, string, number, Change, RegExp]>([
    [
      'is down',
      '1',
      6,
      (cluster) => (cluster['server'] = 'https://127.0.0.1:1'),
      /get \/\S+: no answer from https:\/\/127\.0\.0\.1:1 \(connection refused\)\. Check that the API server runs/,
    ],
    [
      'has another certificate',
      '2',
      6,
      (cluster) => (cluster['server'] = bench.cluster('west').running.server),
      /get \/\S+: the certificate of https:\/\/127\.0\.0\.1:\d+ is not trusted \(.*\)\. Check certificate-authority-data/,
    ],
    [
      'does not know the token',
      '3',
      4,
      (_cluster, user) => {
        withoutCertificate(user);
        user['token'] = 'expired';
      },
      /get \/\S+: not authenticated \(Unauthorized\)\. The token or certificate is expired or unknown to this cluster: log in again/,
    ],
    [
      'forbids the user everything',
      '4',
      4,
      (_cluster, user) => (user['as'] = 'nobody'),
      /(get|list) [^:]+: forbidden \(.*User "nobody" cannot (get|list) resource .*\)\. Give this identity the right/,
    ],
  ])(
    'that %s is named with what was asked and what to do; the other one is delivered',
    async (_how, turn, code, change, message) => {
      await breakEast(change);
      await bench.write({ [manifests]: configMapYaml('web', { turn }) });
      const plan = await bench.toryo('plan');
      expect(plan.code, plan.all).toBe(code);
      expect(plan.out).toMatch(/^east +wave all +unknown/m);
      expect(plan.out).toMatch(message);
      const before = await bench.writes('east');
      const answer = await bench.toryo('apply', '--yes', '--patience', '0s');
      expect(answer.out).toMatch(/all +west +done/);
      expect(answer.out).toMatch(/all +east +unreachable/);
      expect(answer.out).toMatch(message);
      expect(answer.code, answer.all).toBe(code);
      expect(await turnOf('west')).toEqual({ turn });
      expect(await bench.writes('east', before)).toEqual(new Map());
    },
  );

  it('that no kubeconfig knows is named too', async () => {
    await bench.useContexts({ west: 'west' });
    const plan = await bench.toryo('plan');
    // Nothing is out of reach: a context is to be corrected.
    expect(plan.code, plan.all).toBe(2);
    expect(plan.out).toMatch(/east +wave all +unknown.*there is no context "east"/);
    expect(plan.out).toMatch(/west +wave all/);
  });
});

describe('two swapped contexts', () => {
  const expectRefused = async (): Promise<string> => {
    const before = [await bench.writes('east'), await bench.writes('west')];
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(3);
    expect([await bench.writes('east', before[0]), await bench.writes('west', before[1])]).toEqual([
      new Map(),
      new Map(),
    ]);
    return answer.all;
  };

  it('are found by what the clusters say of themselves, and nothing is written', async () => {
    await bench.useContexts({ east: 'west', west: 'east' });
    await bench.write({ [manifests]: configMapYaml('web', { turn: '5' }) });
    const said = await expectRefused();
    expect(said).toContain('it says that it is cluster west of fleet acme, not east of acme');
    expect(said).toContain('it says that it is cluster east of fleet acme, not west of acme');
  });

  it('are found by toryo.lock alone', async () => {
    for (const cluster of ['east', 'west'])
      await bench.client(cluster).remove(core('ConfigMap', 'identity', 'toryo-system'));
    await bench.useContexts({ east: 'west', west: 'east' });
    const said = await expectRefused();
    expect(said.match(/its kube-system has uid [0-9a-f-]{36}, toryo\.lock says [0-9a-f-]{36}/g)).toHaveLength(
      2,
    );
  });

  it('a cluster that toryo.lock does not know is not written to', async () => {
    await bench.edit('toryo.lock/cluster-east.yaml', 'identity:', '# identity:');
    const said = await expectRefused();
    expect(said).toContain('toryo.lock does not say which cluster it is: run `toryo lock`');
    expect((await bench.toryo('lock')).code).toBe(0);
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
  });
});
