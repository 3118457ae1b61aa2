import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bench, core } from './bench.ts';
import { fleetYaml } from './fleet-files.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', components: 'server' });
});
afterAll(() => bench.stop());

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

it('a context that is not there is a mistake in the configuration, not a cluster that may come back', async () => {
  await bench.write({ 'fleet.yaml': fleetYaml('acme', [{ name: 'lab', context: 'hang' }]) });
  const plan = await bench.toryo('plan');
  expect(plan.code, plan.all).toBe(2);
  expect(plan.all).toContain('there is no context "hang"; it has lab');
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(2);
  expect(answer.err).toContain('Correct KUBECONFIG, or the context in the Cluster document');
  expect(answer.err).not.toContain('when they can be reached');
});

it('a freeze leaves new clusters as they are: no sandbox is started, and nothing is written', async () => {
  const fleet = fleetYaml('acme', [{ name: 'lab' }, { name: 'fresh', provider: 'sandbox' }]);
  const freeze = `freezes: [{ name: fair, from: ${day(-1)}, to: ${day(2)}, select: { wave: all } }]`;
  await bench.write({ 'fleet.yaml': fleet.replace('  waves:', `  ${freeze}\n  waves:`) });
  expect((await bench.toryo('lock')).code).toBe(0);
  const plan = await bench.toryo('plan');
  expect(plan.out).toContain('nothing is written now: frozen: fair');
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(3);
  for (const name of ['lab', 'fresh'])
    expect(answer.out).toMatch(new RegExp(`all +${name} +held +0 .*frozen: fair, until`));
  expect((await bench.run('sandbox', 'list')).all).not.toContain('fresh');
  expect(await bench.client().get(core('Namespace', 'toryo-system'))).toBeUndefined();
  const status = await bench.toryo('status', '-c', 'lab');
  expect(status.out).toMatch(/lab +.* 0 +\d+ +not delivered yet/);
  expect(status.out).not.toContain('is not there');
});
