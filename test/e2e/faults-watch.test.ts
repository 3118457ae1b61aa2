import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultProxy } from '../fault-proxy.ts';
import { someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml } from './fleet-files.ts';
import { FaultBench } from './faults.ts';

let faults: FaultBench;
let proxy: FaultProxy;
const base = 'apps/platform/base';
const isWatch = (_method: string, path: string): boolean => path.includes('watch=true');
const watches = (): number => proxy.requests.filter(({ method, path }) => isWatch(method, path)).length;

// What stands on `base` is written when the watch says that `base` is well.
beforeAll(async () => {
  faults = await FaultBench.start([{ name: 'lab', nodes: someNodes }], { behind: true });
  proxy = faults.proxy('lab');
  await faults.bench.write({
    [`${base}/app.yaml`]: appYaml('base', 'platform', 'base'),
    [`${base}/manifests/base.yaml`]: configMapYaml('base'),
    'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web', ['needs: [App/platform/base]']),
  });
  expect((await faults.bench.toryo('lock')).code).toBe(0);
  await faults.apply(0);
});
afterAll(() => faults.stop());
beforeEach(() => proxy.set({ kind: 'none' }));

describe('an API server that closes every watch after a second', () => {
  it.each([
    ['breaks the connection', 'cut'],
    ['ends the answer', 'end'],
  ] as const)('and %s is not flooded, and what becomes healthy is noticed', async (_how, kind) => {
    await faults.bench.write({ [`${base}/manifests/base.yaml`]: deploymentYaml(kind, { fail: 'NotReady' }) });
    await faults.turn(kind);
    proxy.set({ kind, after: 1000 }, { matching: isWatch });
    const running = faults.launch('--timeout', '60s');
    await faults.said(running, new RegExp(`lab .*Deployment/base/${kind}: 0 of 1 pods are available`));
    const before = watches();
    await sleep(10_000);
    const opened = watches() - before;
    expect(opened, 'watches in ten seconds').toBeLessThan(8);
    expect(opened).toBeGreaterThan(0);
    expect(await faults.turnIn('lab')).not.toBe(kind);
    await faults.kubectl(
      'lab',
      'annotate',
      'pods',
      '-n',
      'base',
      '-l',
      `app=${kind}`,
      'sandbox.toryo.dev/fail-',
    );
    const answer = await faults.expectCode(0, running);
    expect(answer.out).toMatch(/all +lab +done/);
    expect(await faults.turnIn('lab')).toBe(kind);
  });
});
