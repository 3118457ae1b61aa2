import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { initFleet, load } from './index.ts';
import { quietRun } from './testing/fleet.ts';

const ground = mkdtempSync(path.join(tmpdir(), 'toryo-init-'));
afterAll(() => {
  rmSync(ground, { recursive: true, force: true });
});

describe('initFleet', () => {
  it('makes a folder that can be loaded', async () => {
    const folder = path.join(ground, 'deep/new');
    const files = await initFleet('minimal', folder);
    expect(files).toContain('fleet.yaml');
    expect(readdirSync(folder)).toContain('fleet.yaml');
    // Called like its folder: two fleets of one name would share sandboxes and marks.
    expect((await load(folder, quietRun)).value?.name).toBe('new');
    expect(readdirSync(path.dirname(folder))).toEqual(['new']);
  });

  it('takes an empty folder, and a fresh clone', async () => {
    const folder = path.join(ground, 'clone');
    mkdirSync(path.join(folder, '.git'), { recursive: true });
    writeFileSync(path.join(folder, '.git/HEAD'), 'ref');
    expect(await initFleet('minimal', folder)).not.toContain('.git/HEAD');
    expect(readFileSync(path.join(folder, '.git/HEAD'), 'utf8')).toBe('ref');
  });

  it('refuses a folder with something in it, and touches nothing', async () => {
    const folder = path.join(ground, 'full');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'mine.txt'), 'mine');
    await expect(initFleet('minimal', folder)).rejects.toMatchObject({ code: 'TORYO_USAGE' });
    await expect(initFleet('minimal', folder)).rejects.toThrow('is not empty (mine.txt)');
    expect(readdirSync(folder)).toEqual(['mine.txt']);
  });

  it('refuses a file, and a place below a file', async () => {
    const file = path.join(ground, 'file');
    writeFileSync(file, '');
    await expect(initFleet('minimal', file)).rejects.toThrow('is no folder');
    await expect(initFleet('minimal', path.join(file, 'x'))).rejects.toThrow('cannot be written');
    expect(existsSync(path.join(file, 'x'))).toBe(false);
  });
});
