// A bad image in a later wave of examples/acme: the wave stops and takes every cluster back. Ends with apply's own exit code, 8, when that is what happened.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, Stage } from './stage.ts';

const stage = new Stage(false);
const fleet = path.join(stage.folder, 'acme');
cpSync(path.join(root, 'examples/acme'), fleet, { recursive: true });
let said = 'demo: interrupted, nothing is left running';
let code = 130;
try {
  code = await demo();
} finally {
  await stage.end();
  console.log(`\n${said}`);
}
process.exitCode = stage.isInterrupted ? 130 : code;

async function demo(): Promise<number> {
  if (!(await expected(0, 'apply', fleet, '--yes'))) return 1;
  stage.heading('edit apps/shop/web: version 1.6.0 everywhere; in production its image cannot be pulled');
  edit('apps/shop/web/app.yaml', /shop\/web:1\.\d\.\d/g, 'shop/web:1.6.0');
  edit(
    'apps/shop/web/overlays/production/resources.yaml',
    /template:\n/,
    'template:\n    metadata: { annotations: { sandbox.toryo.dev/fail: ImagePullBackOff } }\n',
  );
  if (!(await expected(0, 'plan', fleet))) return 1;
  if (!(await expected(8, 'apply', fleet, '--yes', '--timeout', '20s'))) return 1;
  if (!(await expected(8, 'wave', 'list', fleet))) return 1;
  // Nothing would be changed by the repository as it was before the edit.
  if (!(await expected(0, 'plan', 'examples/acme', '--exit-code'))) return 1;
  said =
    'demo: 1.6.0 went through staging, failed in production, and every cluster is at the manifests before; apply ended with exit code 8';
  return 8;
}

async function expected(wanted: number, ...words: readonly string[]): Promise<boolean> {
  const exit = await stage.show(...words);
  if (!stage.isInterrupted && exit !== wanted)
    said = `demo: toryo ${words.join(' ')} ended with exit code ${exit}, not ${wanted}`;
  return !stage.isInterrupted && exit === wanted;
}

function edit(file: string, from: RegExp, to: string): void {
  const place = path.join(fleet, file);
  const before = readFileSync(place, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has nothing like ${String(from)}`);
  writeFileSync(place, after);
}
