import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson, stringAt } from '../../src/lib/index.ts';
import { Bench, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, restrictedPod, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/platform/web/manifests/web.yaml';

beforeAll(async () => {
  bench = await Bench.start({ name: 'first', nodes: someNodes }, { name: 'later', components: 'server' });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [
      { name: 'first', wave: 'canary' },
      { name: 'later', wave: 'rest' },
    ]),
    'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web'),
    [manifests]: configMapYaml('web'),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  const applied = await bench.toryo('apply', '--yes');
  expect(applied.code, applied.all).toBe(0);
});
afterAll(() => bench.stop());

const turnIn = async (cluster: string): Promise<unknown> =>
  (await bench.client(cluster).get(core('ConfigMap', 'web', 'web')))?.['data'];
const recordIn = async (cluster: string): Promise<unknown> => {
  const found = await bench
    .client(cluster)
    .get(core('ConfigMap', 'inventory.app.platform.web', 'toryo-system'));
  return parseJson(stringAt(found, 'data', 'record') ?? '');
};
const sick = deploymentYaml('web', { fail: 'NotReady' });
const gaveUp = sick.replace('"replicas":1', '"replicas":1,"progressDeadlineSeconds":1');

describe('a canary', () => {
  it.each([
    ['is never ready', '1', sick, ''],
    ['has given up', '2', gaveUp, ' has timed out progressing'],
  ])('that %s goes back by itself, and stops the waves after it', async (_how, turn, deployment, why) => {
    await bench.write({ [manifests]: together(configMapYaml('web', { turn }), deployment) });
    const before = await bench.writes('later');
    const answer = await bench.toryo('apply', '--yes', '--timeout', '6s');
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(
      new RegExp(`canary +first +rolled back .*App/platform/web: Deployment/web: .*${why}`),
    );
    expect(answer.out).toMatch(/rest +later +not started .* App\/platform\/web went back on first/);
    expect(answer.err).toContain('2 of 2 clusters are not done');
    expect(await bench.writes('later', before)).toEqual(new Map());
    expect(await turnIn('first')).toEqual({ a: 'b' });
    expect(
      await bench.client('first').get({ group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' }),
    ).toBe(undefined);
    expect(await recordIn('first')).toMatchObject({ phase: 'returned' });
  });

  it('that went back is not tried again until the revision changes', async () => {
    const before = await bench.writes('first');
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(/canary +first +rolled back/);
    expect(await bench.writes('first', before)).toEqual(new Map());
  });

  it('that became healthy lets the next wave go', async () => {
    await bench.write({ [manifests]: configMapYaml('web', { turn: 'last' }) });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(await turnIn('first')).toEqual({ turn: 'last' });
    expect(await turnIn('later')).toEqual({ turn: 'last' });
  });
});

describe('a later wave that fails', () => {
  it('takes the canary back too, although it was done', async () => {
    await bench.write({
      'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web', [
        'overrides: [{ select: { name: later }, source: { path: worse } }]',
      ]),
      [manifests]: configMapYaml('web', { turn: 'good' }),
      'apps/platform/web/worse/web.yaml': together(configMapYaml('web', { turn: 'bad' }), gaveUp),
    });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '20s');
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(/canary +first +rolled back/);
    expect(answer.out).toMatch(/rest +later +rolled back/);
    expect(await turnIn('first')).toEqual({ turn: 'last' });
    expect(await turnIn('later')).toEqual({ turn: 'last' });
  });

  it('halts where there is no way back, and says why', async () => {
    const job = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec: { template: { spec: ${JSON.stringify({ ...restrictedPod(), restartPolicy: 'Never' })} } }
`;
    await bench.write({
      'apps/platform/web/worse/web.yaml': together(configMapYaml('web', { turn: 'worse' }), gaveUp, job),
    });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '20s');
    expect(answer.code, answer.all).toBe(7);
    expect(answer.out).toMatch(/canary +first +done/);
    expect(answer.out).toMatch(
      /rest +later +timed out .*no way back for App\/platform\/web on later: Job\/web\/migrate runs: what it does is not undone/,
    );
    expect(await turnIn('first')).toEqual({ turn: 'good' });
    expect(await turnIn('later')).toEqual({ turn: 'worse' });
  });
});
