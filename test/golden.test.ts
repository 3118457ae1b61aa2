import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderedFiles } from '../src/cli/index.ts';
import type { Run } from '../src/lib/index.ts';
import { build } from '../src/toryo.ts';

const run: Run = { signal: new AbortController().signal, now: () => '2026-11-21T00:00:00Z', emit: () => {} };
const isUpdate = process.env['GOLDEN'] === 'update';

/** Every file below a folder, relative to it. */
function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}

// `npm run golden` writes the folders anew; a change in them is reviewed as what it is: other objects on clusters.
describe.each(['minimal', 'acme'])('examples/%s', (example) => {
  it('compiles to the golden files, byte for byte', async () => {
    const built = await build(`examples/${example}`, { env: process.env }, run);
    expect(built.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    const files = renderedFiles(built.value?.bundles ?? []);
    const folder = path.join('test/golden', example);
    if (isUpdate) {
      rmSync(folder, { recursive: true, force: true });
      for (const [file, text] of files) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), text);
      }
    }
    expect(filesBelow(folder)).toEqual([...files.keys()].sort());
    for (const [file, text] of files) expect(readFileSync(path.join(folder, file), 'utf8'), file).toBe(text);
  });

  it('has a toryo.lock that is up to date', async () => {
    const built = await build(`examples/${example}`, { env: process.env }, run);
    expect(built.diagnostics.filter((one) => one.code.startsWith('TRY-LOCK'))).toEqual([]);
  });
});
