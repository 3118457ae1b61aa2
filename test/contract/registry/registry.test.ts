import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveImages } from '../../../src/render/index.ts';
import { noRegistry } from './program.ts';
import { dockerEnv, testRun, TestRegistry } from './server.ts';

if (noRegistry !== undefined) process.stderr.write(`${noRegistry}\n`);

let registry: TestRegistry;
let nobody: Awaited<ReturnType<typeof dockerEnv>>;

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  registry = await TestRegistry.start();
  nobody = await dockerEnv();
});
afterAll(async () => {
  if (noRegistry !== undefined) return;
  await registry.stop();
  await rm(nobody.folder, { recursive: true, force: true });
});

async function digestOf(image: string): Promise<string | undefined> {
  return (await resolveImages([image], nobody, testRun())).get(image);
}

describe.skipIf(noRegistry !== undefined)('a registry', () => {
  it('says which digest a tag stands for, and which when it has moved', async () => {
    const first = await registry.push('shop/web', '1.5', 'one');
    const image = `${registry.host}/shop/web:1.5`;
    expect(await digestOf(image)).toBe(first);
    const second = await registry.push('shop/web', '1.5', 'two');
    expect(second).not.toBe(first);
    expect(await digestOf(image)).toBe(second);
  });

  it('has images of Docker’s form, and indexes', async () => {
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const docker = await registry.push('shop/old', '1', 'docker', { type });
    expect(await digestOf(`${registry.host}/shop/old:1`)).toBe(docker);
    const platform = await registry.push('shop/many', 'amd64', 'amd64');
    const indexType = 'application/vnd.oci.image.index.v1+json';
    const got = await fetch(`http://${registry.host}/v2/shop/many/manifests/${platform}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const size = (await got.arrayBuffer()).byteLength;
    const manifests = [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        size,
        digest: platform,
        platform: { architecture: 'amd64', os: 'linux' },
      },
    ];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
    const whole = await registry.pushManifest('shop/many', 'latest', index, { type: indexType });
    expect(await digestOf(`${registry.host}/shop/many`)).toBe(whole);
  });

  it('is asked for each image once, and every image that fails is told', async () => {
    const digest = await registry.push('shop/api', '1', 'api');
    const { host } = registry;
    const run = testRun();
    const known = `${host}/shop/api:1`;
    expect(await resolveImages([known, known], nobody, run)).toEqual(new Map([[known, digest]]));
    expect(run.events.map((one) => `${one.verb} ${one.state}`)).toEqual(['resolve started', 'resolve done']);
    const wanted = [known, `${host}/shop/api:2`, `${host}/shop/none:1`];
    await expect(resolveImages(wanted, nobody, testRun())).rejects.toMatchObject({
      code: 'TORYO_IMAGES',
      message: `2 images have no digest:\n  ${host}/shop/api:2: the registry has no such image\n  ${host}/shop/none:1: the registry has no such image`,
    });
    await expect(digestOf(`${host}/shop/none:1`)).rejects.toMatchObject({ code: 'TORYO_REGISTRY_NOT_FOUND' });
  });

  it('that nobody runs is waited for once', async () => {
    const gone = await TestRegistry.start();
    await gone.stop();
    const images = Array.from({ length: 20 }, (_none, index) => `${gone.host}/shop/web:${index}`);
    const began = performance.now();
    await expect(resolveImages(images, nobody, testRun())).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNREACHABLE',
      message: expect.stringContaining(`no answer from ${gone.host} (connect ECONNREFUSED`),
    });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('is left when the run is stopped', async () => {
    const run = testRun();
    run.abort.abort();
    await expect(resolveImages([`${registry.host}/shop/web:1.5`], nobody, run)).rejects.toMatchObject({
      code: 'TORYO_INTERRUPTED',
    });
  });
});
