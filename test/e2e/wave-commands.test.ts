import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, until } from './bench.ts';
import {
  appYaml,
  boatDefinition,
  configMapYaml,
  deploymentYaml,
  fleetYaml,
  together,
} from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/platform/web/manifests/web.yaml';
const web = 'App/platform/web';

beforeAll(async () => {
  bench = await Bench.start({ name: 'first', components: 'server' }, { name: 'later', components: 'server' });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [
      { name: 'first', wave: 'canary' },
      { name: 'later', wave: 'rest' },
    ]),
    'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web'),
    [manifests]: configMapYaml('web', { turn: '0' }),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  await apply(0);
});
afterAll(() => bench.stop());

const apply = async (code: number): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(code);
  return answer.out;
};
const say = async (verb: string, ...more: readonly string[]): Promise<string> => {
  const answer = await bench.run('wave', verb, web, '--repository', bench.root, ...more);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const turns = async (): Promise<readonly unknown[]> =>
  Promise.all(
    ['first', 'later'].map(
      async (cluster) => (await bench.client(cluster).get(core('ConfigMap', 'web', 'web')))?.['data'],
    ),
  );
const withKind = (text: string, field: string): Promise<void> => {
  const boats = boatDefinition({ properties: { [field]: { type: 'string' } } });
  return bench.write({
    [manifests]: together(
      configMapYaml('web', { turn: text }),
      `${JSON.stringify(boats)}
`,
    ),
  });
};
const turn = (text: string): Promise<void> =>
  bench.write({ [manifests]: configMapYaml('web', { turn: text }) });

describe('a person has a say in a wave', () => {
  it('lists how far every owner got', async () => {
    const calm = await bench.run('wave', 'list', bench.root);
    expect(calm.err).toContain('owners are where the repository wants them');
    await turn('1');
    const list = await bench.run('wave', 'list', bench.root);
    expect(list.out).toMatch(/App\/platform\/web +canary +first +open/);
    expect(list.out).toMatch(/App\/platform\/web +rest +later +waiting +wave canary is not done/);
  });

  it('halts a revision, says why, and lets it go on', async () => {
    const said = await say('halt', '--why', 'looks slow');
    expect(said).toMatch(/^ {2}first: wave canary goes no further: halted: looks slow$/m);
    expect(said).toContain(`${web}: written down on first, later`);
    expect(await apply(1)).toMatch(/canary +first +not started .*halted: looks slow/);
    expect(await turns()).toEqual([{ turn: '0' }, { turn: '0' }]);
    await say('promote');
    await apply(0);
    expect(await turns()).toEqual([{ turn: '1' }, { turn: '1' }]);
  });

  it('takes a revision back everywhere, and it stays back', async () => {
    const said = await say('rollback', '--why', 'customers complain');
    expect(said).toMatch(/^ {2}first: wave canary goes back to the revision before$/m);
    expect(said).toMatch(/App\/platform\/web +canary +first +returned/);
    expect(said).toMatch(/App\/platform\/web +rest +later +returned/);
    expect(await turns()).toEqual([{ turn: '0' }, { turn: '0' }]);
    expect(await apply(8)).toMatch(/canary +first +rolled back/);
    expect(await turns()).toEqual([{ turn: '0' }, { turn: '0' }]);
    await turn('2');
    await apply(0);
    expect(await turns()).toEqual([{ turn: '2' }, { turn: '2' }]);
  });

  it('refuses to take back what is nowhere yet, and remembers nothing of it', async () => {
    await turn('early');
    const early = await bench.run('wave', 'rollback', web, '--repository', bench.root);
    expect(early.code, early.all).toBe(8);
    expect(early.err).toBe(
      `${web}, not rolled back:\n  nothing goes back: this revision is on no cluster that was asked\n`,
    );
    await apply(0);
    expect(await turns()).toEqual([{ turn: 'early' }, { turn: 'early' }]);
  });

  it('a way back that was gone does not take back a later delivery of the same revision', async () => {
    await say('rollback');
    await turn('between');
    await apply(0);
    await turn('early');
    await apply(0);
    expect(await turns()).toEqual([{ turn: 'early' }, { turn: 'early' }]);
  });

  it('a halt of what is there lets drift be corrected', async () => {
    await say('halt');
    await bench.client('first').remove(core('ConfigMap', 'web', 'web'));
    await apply(0);
    expect(await turns()).toEqual([{ turn: 'early' }, { turn: 'early' }]);
    await say('promote');
  });

  it('says where there is nothing of an owner yet', async () => {
    await bench.write({
      'apps/platform/new/app.yaml': appYaml('new', 'platform', 'web'),
      'apps/platform/new/manifests/new.yaml': configMapYaml('new'),
    });
    const early = await bench.run('wave', 'promote', 'App/platform/new', '--repository', bench.root);
    expect(early.code, early.all).toBe(2);
    expect(early.err).toContain('first: nothing of it is there yet');
    await bench.write({
      'apps/platform/new/app.yaml': undefined,
      'apps/platform/new/manifests/new.yaml': undefined,
    });
  });

  it('takes back what a running apply waits for, within seconds', async () => {
    await bench.write({
      [manifests]: together(configMapYaml('web', { turn: 'slow' }), deploymentYaml('web', {})),
    });
    const run = bench.launch('apply', '--yes', '--timeout', '5m');
    await until(
      () => Promise.resolve(run.said()),
      (text) => text.includes('Deployment/web/web'),
    );
    const begun = performance.now();
    const said = await bench.run('wave', 'rollback', web, '--repository', bench.root);
    expect(said.code, said.all).toBe(0);
    const applied = await run.ended;
    expect(applied.code, applied.all).toBe(8);
    expect(performance.now() - begun).toBeLessThan(60_000);
    expect(await turns()).toEqual([{ turn: 'early' }, { turn: 'early' }]);
  });

  it('plan says what went back, and promote lets it be tried again', async () => {
    await turn('3');
    await apply(0);
    await say('rollback');
    const plan = await bench.toryo('plan');
    expect(plan.out).toMatch(
      /note App\/platform\/web is not applied: this revision went back here \(.*\)\. Change it/,
    );
    await say('promote');
    await apply(0);
    expect(await turns()).toEqual([{ turn: '3' }, { turn: '3' }]);
  });

  it('says why there is no way back, and changes nothing', async () => {
    const app = 'apps/platform/web/app.yaml';
    await bench.write({ [app]: appYaml('web', 'platform', 'web', ['state: pinned']) });
    await turn('pinned');
    await apply(0);
    const answer = await bench.run('wave', 'rollback', web, '--repository', bench.root);
    expect(answer.code, answer.all).toBe(8);
    expect(answer.err).toContain(`no way back for ${web} on first: its state is pinned`);
    expect(await turns()).toEqual([{ turn: 'pinned' }, { turn: 'pinned' }]);
    await bench.write({ [app]: appYaml('web', 'platform', 'web') });
    await turn('3');
    const gone = await bench.toryo('apply', '--yes');
    expect(gone.code, gone.all).toBe(0);
  });

  it('one cluster alone waits for the waves before it', async () => {
    await turn('4');
    const only = await bench.toryo('apply', '--yes', '-c', 'later', '--no-wait');
    expect(only.out).toMatch(/rest +later +waiting .*wave canary is not done/);
    expect(await turns()).toEqual([{ turn: '3' }, { turn: '3' }]);
    await apply(0);
  });

  describe('on a fleet that is frozen', () => {
    const day = (count: number): string =>
      new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
    const freeze = `  freezes: [{ name: fair, from: ${day(-1)}, to: ${day(2)}, select: { wave: rest } }]\n`;
    const frozen = `frozen: fair, until ${day(2)} 00:00 UTC \\(in `;
    const waves = '  waves:';
    const isSaid = (said: string, text: string): void => expect(said).toMatch(new RegExp(`^  ${text}`, 'm'));

    it('promote says beforehand what moves, what waits for what, and until when', async () => {
      await bench.edit('fleet.yaml', waves, `${freeze}${waves}`);
      await turn('5');
      const both = await say('promote');
      isSaid(both, 'first: wave canary moves with the next apply$');
      isSaid(both, `later: wave rest waits: wave canary is not done; then ${frozen}`);
      expect(both).toContain('a running apply goes on within seconds');
      await bench.toryo('apply', '--yes', '--no-wait');
      expect(await turns()).toEqual([{ turn: '5' }, { turn: '4' }]);
      const one = await say('promote');
      isSaid(one, 'first: wave canary is there, and stays$');
      isSaid(one, `later: wave rest waits: ${frozen}`);
      expect(one).not.toContain('goes on within seconds');
    });

    it('rollback says beforehand that a freeze lets it through', async () => {
      await bench.edit('fleet.yaml', 'wave: rest } }]', 'wave: canary } }]');
      const { err: said } = await bench.run('wave', 'rollback', web, '--repository', bench.root);
      isSaid(said, `first: wave canary goes back to the revision before, which is let through \\(${frozen}`);
      expect(said.indexOf('let through')).toBeLessThan(said.indexOf('written down'));
      expect(await turns()).toEqual([{ turn: '4' }, { turn: '4' }]);
    });

    it('rollback says beforehand that there is no way back, or that nothing goes back', async () => {
      await bench.edit('fleet.yaml', freeze.replace('rest', 'canary'), '');
      await withKind('6', 'name');
      await apply(0);
      await withKind('6', 'sail');
      const early = await bench.run('wave', 'rollback', web, '--repository', bench.root);
      expect(early.err).toContain('  nothing goes back: this revision is on no cluster that was asked\n');
      await say('promote');
      await apply(0);
      const late = await bench.run('wave', 'rollback', web, '--repository', bench.root);
      isSaid(late.err, 'first: wave canary is there, and stays: no way back for .*CustomResourceDefinition');
      expect(late.code, late.all).toBe(8);
      await say('promote');
    });
  });

  it('an owner that nobody knows is named', async () => {
    const answer = await bench.run('wave', 'halt', 'App/platform/none', '--repository', bench.root);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('no cluster of fleet acme has an owner App/platform/none');
  });
});
