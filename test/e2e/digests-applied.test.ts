import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../src/lib/index.ts';
import { noRegistry } from '../contract/registry/program.ts';
import { TestRegistry } from '../contract/registry/server.ts';
import { Bench, someNodes } from './bench.ts';
import { deploymentYaml, shopFiles } from './fleet-files.ts';

if (noRegistry !== undefined) process.stderr.write(`${noRegistry}\n`);

let bench: Bench;
let registry: TestRegistry;

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  [bench, registry] = await Promise.all([
    Bench.start({ name: 'lab', nodes: someNodes }),
    TestRegistry.start(),
  ]);
});
afterAll(async () => {
  if (noRegistry !== undefined) return;
  await Promise.all([bench.stop(), registry.stop()]);
});

async function runningImage(): Promise<unknown> {
  const ref = { group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' };
  const web = await bench.client().get(ref);
  return at(web, 'spec', 'template', 'spec', 'containers', 0, 'image');
}

describe.skipIf(noRegistry !== undefined)('locked images on a real API server', () => {
  it('run with their digests, and move when the lock does', async () => {
    const image = `${registry.host}/shop/web:1`;
    const first = await registry.push('shop/web', '1', 'first');
    const files = shopFiles();
    const required = 'spec: { images: { digest: required }, ';
    await bench.write({
      ...files,
      'fleet.yaml': files['fleet.yaml']?.replace('spec: { readOnly', `${required}readOnly`),
      'apps/shop/web/manifests/web.yaml': deploymentYaml('web', { image }),
    });
    expect((await bench.toryo('check')).code).toBe(2);
    expect((await bench.toryo('lock')).code).toBe(0);
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
    expect(await runningImage()).toBe(`${image}@${first}`);
    const second = await registry.push('shop/web', '1', 'second');
    expect((await bench.toryo('plan', '--exit-code')).code).toBe(0);
    expect((await bench.toryo('lock', '--update')).code).toBe(0);
    const plan = await bench.toryo('plan', '--exit-code');
    expect(plan.code, plan.all).toBe(5);
    expect(plan.out).toContain(`${image}@${first} -> ${image}@${second}`);
    const moved = await bench.toryo('apply', '--yes');
    expect(moved.code, moved.all).toBe(0);
    expect(await runningImage()).toBe(`${image}@${second}`);
    const words = ['-n', 'shop-web', 'set', 'image', 'deployment/web', `main=${image}`];
    const byHand = await bench.kubectl('lab', words);
    expect(byHand.code, byHand.all).not.toBe(0);
    expect(byHand.err).toContain('must name images by digest');
  });
});
