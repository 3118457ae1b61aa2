import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, together } from './fleet-files.ts';

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

describe('a canary', () => {
  it.each([
    ['is never ready', 7, 'timed out', '', deploymentYaml('web', { fail: 'NotReady' })],
    [
      'has given up',
      8,
      'unhealthy',
      ' has timed out progressing',
      deploymentYaml('web', { fail: 'NotReady' }).replace(
        '"replicas":1',
        '"replicas":1,"progressDeadlineSeconds":1',
      ),
    ],
  ])('that %s stops the waves after it', async (_how, code, outcome, why, deployment) => {
    await bench.write({ [manifests]: together(configMapYaml('web', { turn: String(code) }), deployment) });
    const before = await bench.writes('later');
    const answer = await bench.toryo('apply', '--yes', '--timeout', '6s');
    expect(answer.code, answer.all).toBe(code);
    expect(answer.out).toMatch(new RegExp(`canary +first +${outcome} .*Deployment/web:.*${why}`));
    expect(answer.out).toMatch(/rest +later +not started .* wave canary failed/);
    expect(answer.err).toContain('2 of 2 clusters are not done');
    expect(await bench.writes('later', before)).toEqual(new Map());
    const there = await bench.client('first').get(core('ConfigMap', 'web', 'web'));
    expect(there?.['data']).toEqual({ turn: String(code) });
  });

  it('that became healthy lets the next wave go', async () => {
    await bench.write({ [manifests]: configMapYaml('web', { turn: 'last' }) });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    const there = await bench.client('later').get(core('ConfigMap', 'web', 'web'));
    expect(there?.['data']).toEqual({ turn: 'last' });
  });
});
