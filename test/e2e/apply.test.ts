import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes } from './bench.ts';
import { configMapYaml, deploymentYaml, shopFiles, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    ...shopFiles(),
    [manifests]: together(
      configMapYaml('web', { greeting: 'hello' }),
      deploymentYaml('web', { replicas: 2 }),
    ),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
});
afterAll(() => bench.stop());

describe('apply', () => {
  it('makes an empty cluster healthy, and a second one finds nothing to write', async () => {
    const plan = await bench.toryo('plan', '--exit-code');
    expect(plan.code, plan.all).toBe(5);
    expect(plan.out).toMatch(/^lab +wave all +\d+ create/);
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
    expect(applied.out).toMatch(/all +lab +done/);
    expect(applied.err).toMatch(/✓ \d+ healthy/);
    const before = await bench.writes();
    const again = await bench.toryo('apply', '--yes');
    expect(again.code, again.all).toBe(0);
    expect(await bench.writes('lab', before)).toEqual(new Map());
    const unchanged = await bench.toryo('plan', '--exit-code');
    expect(unchanged.code, unchanged.all).toBe(0);
    expect(unchanged.out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
  });

  it('shows a changed field with what it was and what it will be', async () => {
    await bench.edit(manifests, 'hello', 'good day');
    const plan = await bench.toryo('plan', '--exit-code');
    expect(plan.code, plan.all).toBe(5);
    expect(plan.out).toMatch(/1 configure, \d+ unchanged/);
    expect(plan.out).toContain(
      '~ ConfigMap/shop-web/web App/shop/web\n      data.greeting: hello -> good day\n',
    );
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
    const stored = await bench.client().get(core('ConfigMap', 'web', 'shop-web'));
    expect(stored?.['data']).toEqual({ greeting: 'good day' });
  });
});

describe('values of a Secret', () => {
  const secret = (values: object, field = 'stringData'): string =>
    `${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, [field]: values })}\n`;
  const waiver = `apiVersion: toryo.dev/v1alpha1
kind: Waiver
metadata: { name: secrets }
spec: { rule: TRY-OBJ-005, target: { app: shop/web }, reason: a test, owner: shop-dev, expires: 2099-01-31 }
`;
  const hides = (text: string, ...values: readonly string[]): void => {
    for (const value of values.flatMap((one) => [one, Buffer.from(one).toString('base64')]))
      expect(text).not.toContain(value);
  };

  it('are shown nowhere: not in the plan, not as data, not in the result', async () => {
    await bench.write({ 'waiver.yaml': waiver, [manifests]: secret({ password: 'correct-horse' }) });
    const created = await bench.toryo('apply', '--yes', '-o', 'json');
    expect(created.code, created.all).toBe(0);
    await bench.write({ [manifests]: secret({ password: 'battery-staple', user: 'new-user' }) });
    const plan = await bench.toryo('plan');
    expect(plan.out).toMatch(/data\.password: sha256:[0-9a-f]{12} -> sha256:[0-9a-f]{12}\n/);
    expect(plan.out).toMatch(/data\.user: sha256:[0-9a-f]{12}\n/);
    const data = await bench.toryo('plan', '-o', 'json');
    const applied = await bench.toryo('apply', '--yes', '-o', 'jsonl');
    expect(applied.code, applied.all).toBe(0);
    hides(created.all + plan.all + data.all + applied.all, 'correct-horse', 'battery-staple', 'new-user');
  });

  it.each([
    ['that is no text', secret({ password: 918273645 })],
    ['that is not encoded', secret({ password: 'not/base64/at/all!' }, 'data')],
    ['under a bad key', secret({ 'pass word': 'correct-horse' })],
  ])('%s are not in the refusal either', async (_what, text) => {
    await bench.write({ [manifests]: text });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).not.toBe(0);
    expect(answer.all).toContain('Secret');
    hides(answer.all, '918273645', 'not/base64/at/all!', 'correct-horse');
  });
});
