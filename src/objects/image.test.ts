import { describe, expect, it } from 'vitest';
import { parseImage, pinnedImage, tagKeyOf } from './image.ts';

const one = `sha256:${'1'.repeat(64)}`;
const long = `sha512:${'a'.repeat(128)}`;

const names: readonly (readonly [string, string, string, string | undefined, string | undefined])[] = [
  ['nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27', undefined],
  ['bitnami/nginx:1', 'docker.io', 'bitnami/nginx', '1', undefined],
  ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['index.docker.io/library/nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['localhost/web', 'localhost', 'web', 'latest', undefined],
  ['localhost:5000/shop/web:2', 'localhost:5000', 'shop/web', '2', undefined],
  ['127.0.0.1:5000/web', '127.0.0.1:5000', 'web', 'latest', undefined],
  ['[::1]:5000/web:a', '[::1]:5000', 'web', 'a', undefined],
  ['registry.example.com/a/b/c:v1.0_x-y', 'registry.example.com', 'a/b/c', 'v1.0_x-y', undefined],
  ['registry/web', 'docker.io', 'registry/web', 'latest', undefined],
  ['Registry/web', 'Registry', 'web', 'latest', undefined],
  [`nginx@${one}`, 'docker.io', 'library/nginx', undefined, one],
  [`nginx:1.27@${one}`, 'docker.io', 'library/nginx', '1.27', one],
  [`r.example.com:443/a__b/c--d@${long}`, 'r.example.com:443', 'a__b/c--d', undefined, long],
];

describe('parseImage', () => {
  it.each(names)('reads %s', (text, registry, repository, tag, digest) => {
    expect(parseImage(text)).toEqual({ registry, repository, tag, digest });
  });

  it.each([
    '',
    'Nginx',
    'nginx:',
    'shop/Web:1',
    'registry.example.com/Shop/web',
    'registry.example.com/',
    '/web',
    'a//b',
    'a___b',
    '-web',
    'web-',
    'web:-1',
    `web:${'1'.repeat(129)}`,
    'web:1 ',
    'web name',
    'https://registry.example.com/web',
    '${image}',
    'web@sha256:123',
    `web@sha256:${'A'.repeat(64)}`,
    `web@md5:${'1'.repeat(32)}`,
    `web@${one}@${one}`,
    `web@${one}:1`,
    `host.example.com:port/web`,
    `a/${'b'.repeat(254)}`,
  ])('refuses %j', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });
});

describe('a locked image', () => {
  const pins = { 'docker.io/library/nginx:latest': one, 'r.example.com/web:1': one };

  it('keeps its tag beside the digest', () => {
    expect(pinnedImage('r.example.com/web:1', pins)).toBe(`r.example.com/web:1@${one}`);
    expect(pinnedImage('nginx', pins)).toBe(`nginx@${one}`);
  });

  it('stays as it is without an entry, and with a digest of its own', () => {
    for (const image of ['r.example.com/web:2', `r.example.com/web:1@${long}`, 'Not:An:Image', 'constructor'])
      expect(pinnedImage(image, pins)).toBe(image);
  });

  it('has one key however it is written', () => {
    expect(['nginx', 'docker.io/nginx:latest', 'index.docker.io/library/nginx'].map(tagKeyOf)).toEqual(
      ['1', '2', '3'].map(() => 'docker.io/library/nginx:latest'),
    );
    expect(tagKeyOf(`nginx@${one}`)).toBeUndefined();
  });
});
