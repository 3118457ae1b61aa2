import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noRegistry } from '../contract/registry/program.ts';
import { TestRegistry } from '../contract/registry/server.ts';
import { Bench } from './bench.ts';
import { appYaml, deploymentYaml, tenantYaml } from './fleet-files.ts';

if (noRegistry !== undefined) process.stderr.write(`${noRegistry}\n`);

const api = 'apiVersion: toryo.dev/v1alpha1\n';
const pools = 'pools: [{ name: general, instanceTypes: [m6i.large], nodes: { min: 2, max: 2 } }]';
const cluster = (name: string, environment: string): string =>
  `${api}kind: Cluster\nmetadata: { name: ${name} }\nspec: { environment: ${environment}, provider: sandbox, version: "1.35", ${pools} }\n`;
const fleet = [
  `${api}kind: Fleet\nmetadata: { name: acme }\nspec:\n  environments: [{ name: staging }, { name: production }]\n  waves: [{ name: all, select: all }]\n`,
  cluster('lab', 'staging'),
  cluster('tokyo', 'production'),
  `${api}kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { readOnlyRootFilesystem: false, images: { digest: required } }\n`,
].join('---\n');

let bench: Bench;
let registry: TestRegistry;
let image: string;

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  [bench, registry] = await Promise.all([Bench.start(), TestRegistry.start()]);
  image = `${registry.host}/shop/web`;
});
afterAll(async () => {
  if (noRegistry !== undefined) return;
  await Promise.all([bench.stop(), registry.stop()]);
});

const lockFile = 'toryo.lock/app-shop-web.yaml';
const appFile = 'apps/shop/web/app.yaml';
const locked = (): Promise<string> => readFile(path.join(bench.root, lockFile), 'utf8').catch(() => '');

async function imagesOn(name: string): Promise<readonly string[]> {
  const built = await bench.toryo('build', '-c', name, '-o', 'yaml');
  expect(built.code, built.err).toBe(0);
  return [...built.out.matchAll(/image: "?([^\s"]+)/g)].map((found) => found[1] ?? '');
}

// One story: each test begins where the one before it ended.
describe.skipIf(noRegistry !== undefined)('a fleet whose images must have digests', () => {
  const digests = new Map<string, string>();

  it('is told what toryo.lock has no digest of, and with which line', async () => {
    for (const tag of ['1.4', '1.5']) digests.set(tag, await registry.push('shop/web', tag, tag));
    const override = `overrides: [{ select: { environment: production }, images: { web: "${image}:1.4" } }]`;
    await bench.write({
      'fleet.yaml': fleet,
      'shop.yaml': tenantYaml('shop', ['shop-web']),
      [appFile]: appYaml('web', 'shop', 'shop-web', [`images: { web: "${image}:1.5" }`, override]),
      'apps/shop/web/manifests/web.yaml': deploymentYaml('web', { image: 'web' }),
    });
    const checked = await bench.toryo('check');
    expect(checked.code, checked.all).toBe(2);
    expect(checked.err).toContain(
      `Deployment/shop-web/web on cluster lab runs ${image}:1.5, and its digest is not under \`images\` of ${lockFile}: "${image}:1.5": sha256:…`,
    );
    expect(checked.err).toContain(`on cluster tokyo runs ${image}:1.4,`);
    expect((await bench.toryo('build')).code).toBe(2);
    const guarded = await bench.run('guard', 'check', '--fleet', bench.root);
    expect(guarded.code, guarded.all).toBe(3);
    expect(guarded.all).toContain('TRY-SEC-029');
    const dry = await bench.toryo('lock', '--check');
    expect([dry.code, dry.out], dry.err).toEqual([5, expect.stringContaining(`write ${lockFile}\n`)]);
  });

  it('is locked, and runs what is locked', async () => {
    const done = await bench.toryo('lock');
    expect(done.code, done.all).toBe(0);
    expect(await locked()).toBe(
      `# Written by \`toryo lock\`; commit it, do not edit it.\nkind: App\nname: web\ntenant: shop\nimages:\n  "${image}:1.4": ${digests.get('1.4')}\n  "${image}:1.5": ${digests.get('1.5')}\n`,
    );
    const checked = await bench.toryo('check');
    expect(checked.code, checked.all).toBe(0);
    expect(await imagesOn('lab')).toEqual([`${image}:1.5@${digests.get('1.5')}`]);
    expect(await imagesOn('tokyo')).toEqual([`${image}:1.4@${digests.get('1.4')}`]);
  });

  it('stays what it was when a tag moves, until somebody asks', async () => {
    const before = await locked();
    const moved = await registry.push('shop/web', '1.5', 'another 1.5');
    expect((await bench.toryo('lock')).out).toBe('');
    expect((await bench.toryo('lock', '--check')).code).toBe(0);
    const dry = await bench.toryo('lock', '--check', '--update');
    expect(dry.code, dry.all).toBe(5);
    expect(dry.err).toContain(`App/shop/web: ${image}:1.5 moved from ${digests.get('1.5')} to ${moved}`);
    expect((await bench.toryo('lock', '--update', `${image}:1.4`)).out).toBe('');
    expect(await locked()).toBe(before);
    const updated = await bench.toryo('lock', '--update', image);
    expect(updated.out).toBe(`write ${lockFile}\n`);
    digests.set('1.5', moved);
    expect(await imagesOn('lab')).toEqual([`${image}:1.5@${moved}`]);
  });

  it('knows no image that nobody uses', async () => {
    const answer = await bench.toryo('lock', '--update', `${image}:1.6`);
    expect(answer.code, answer.all).toBe(2);
    expect(answer.err).toContain(`no App or Addon has an image "${image}:1.6" to lock, did you mean`);
  });

  it('is promoted with the digest that the environment before has', async () => {
    const promoted = await bench.run('promote', 'App/shop/web', bench.root, '--to', 'production', '--yes');
    expect(promoted.code, promoted.all).toBe(0);
    expect(await imagesOn('tokyo')).toEqual([`${image}:1.5@${digests.get('1.5')}`]);
    expect((await bench.toryo('lock')).out).toBe(`write ${lockFile}\n`);
    expect(await locked()).not.toContain(':1.4');
  });

  it('is not written by halves', async () => {
    const before = await locked();
    await bench.edit(appFile, `images: { web: "${image}:1.5" }`, `images: { web: "${image}:1.7" }`);
    await bench.edit(appFile, `${image}:1.5`, `${registry.host}/shop/none:1`);
    const failed = await bench.toryo('lock');
    expect(failed.code, failed.all).toBe(1);
    expect(failed.err).toContain('2 images have no digest:');
    for (const one of [`${image}:1.7`, `${registry.host}/shop/none:1`])
      expect(failed.err).toContain(`${one}: the registry has no such image`);
    expect(await locked()).toBe(before);
  });

  it('asks no registry for what is locked', async () => {
    await bench.edit(appFile, `${image}:1.7`, `${image}:1.5`);
    await bench.edit(appFile, `${registry.host}/shop/none:1`, `${image}:1.5`);
    await registry.stop();
    for (const words of [['check'], ['build'], ['lock'], ['lock', '--check']] as const) {
      const [verb, ...rest] = words;
      const answer = await bench.toryo(verb, ...rest);
      expect(answer.code, answer.all).toBe(0);
    }
    const update = await bench.toryo('lock', '--update');
    expect(update.code, update.all).toBe(6);
    expect(update.err).toContain(`no answer from ${registry.host}`);
    expect(await readdir(path.join(bench.root, 'toryo.lock'))).toHaveLength(4);
    const text = await readFile(path.join(bench.root, appFile), 'utf8');
    await bench.write({ [appFile]: text.replace(`${image}:1.5`, `${image}:1.9`) });
    const dry = await bench.toryo('lock', '--check');
    expect([dry.code, dry.out], dry.err).toEqual([5, `write ${lockFile}\n`]);
    expect(dry.err).not.toContain('resolve');
    await bench.write({ [appFile]: text });
  });

  it('keeps its digests when an App is renamed', async () => {
    const before = await locked();
    const text = await readFile(path.join(bench.root, appFile), 'utf8');
    await bench.edit('fleet.yaml', 'waves:', 'moved: [{ from: App/shop/web, to: App/shop/site }]\n  waves:');
    await bench.write({ [appFile]: text.replace('{ name: web }', '{ name: site }') });
    const renamed = await bench.toryo('lock');
    expect(renamed.code, renamed.all).toBe(0);
    expect(renamed.out).toBe(`write toryo.lock/app-shop-site.yaml\nremove ${lockFile}\n`);
    const after = await readFile(path.join(bench.root, 'toryo.lock/app-shop-site.yaml'), 'utf8');
    expect(after).toBe(before.replace('name: web', 'name: site'));
  });
});
