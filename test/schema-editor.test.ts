import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectAt, parseYaml } from '../src/lib/index.ts';
import { Editor } from './editor.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !file.includes('toryo.lock'))
  .map((file) => ({ file, text: readFileSync(path.join(root, 'examples', file), 'utf8') }))
  .filter(({ text }) => text.includes('apiVersion: toryo.dev/'));

const editor = new Editor();
beforeAll(async () => {
  await editor.start(path.join(root, 'schema/toryo.json'));
});
afterAll(() => {
  editor.stop();
});

describe('yaml-language-server with schema/toryo.json', () => {
  it.each(files)(
    'finds nothing in examples/$file, and has a hover text for each field of spec',
    async ({ file, text }) => {
      expect(await editor.open(file, text)).toEqual([]);
      for (const document of parseYaml(text, file).value ?? []) {
        const fields = Object.keys(objectAt(document.value, 'spec'));
        for (const field of ['', ...fields]) {
          const { line, column } = document.locate(field === '' ? ['spec'] : ['spec', field], 'key');
          expect(await editor.hover(file, line - 1, column), field).toMatch(/[A-Z].*\./);
        }
      }
    },
  );

  it.each([
    ['a misspelt field', '  clusters: all', '  clusterz: all', 'clusterz'],
    ['a misspelt field of a list’s item', 'profile: restricted', 'profil: restricted', 'profil'],
    ['a wrong word', 'can: [edit, exec]', 'can: [edits, exec]', 'not accepted'],
    ['a wrong type', '  paths: [apps/hello/**]', '  paths: apps/hello', 'Expected "array"'],
  ])('finds %s, and speaks of that alone', async (name, right, wrong, message) => {
    const text = readFileSync(path.join(root, 'examples/minimal/tenant.yaml'), 'utf8');
    expect(text).toContain(right);
    const found = await editor.open(`${name}.yaml`, text.replace(right, wrong));
    expect(found.map((one) => one.message).join('\n')).toContain(message);
    const line = text.slice(0, text.indexOf(right)).split('\n').length;
    expect(found.some((one) => one.line === line)).toBe(true);
    expect(found.length).toBeLessThanOrEqual(2);
  });

  it('says what a field means', async () => {
    const text =
      'apiVersion: toryo.dev/v1alpha1\nkind: App\nmetadata: { name: web }\nspec:\n  tenant: shop\n  state: pinned\n';
    await editor.open('hover.yaml', text);
    expect(await editor.hover('hover.yaml', 5, 4)).toContain('pinned blocks a switch');
  });
});
