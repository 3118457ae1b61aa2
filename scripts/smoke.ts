/**
 * `npm run smoke`: what a user gets from the registry. Packs the package, looks at what is in it, installs it in an empty
 * folder and uses it there: the command, the library with its types, one sandbox cluster, and the sentence for an old Node.js.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'toryo-smoke-'));
const bin = path.join(root, 'node_modules', '.bin');
const env = {
  ...process.env,
  PATH: [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter),
  TORYO_STATE: path.join(folder, 'state'),
};

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs a program to its end; nothing waits for an answer on stdin. */
function run(cwd: string, program: string, ...args: readonly string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: status, out: stdout ?? '', said: `${stderr ?? ''}${error?.message ?? ''}` };
}

/** Runs a program that must end well; gives what it printed. */
function must(cwd: string, program: string, ...args: readonly string[]): string {
  const { code, out, said } = run(cwd, program, ...args);
  if (code !== 0)
    throw new Error(`${[path.basename(program), ...args].join(' ')} ended with ${code}:\n${out}${said}`);
  return out;
}

function check(what: string, isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(`${what}: ${otherwise}`);
  process.stdout.write(`smoke: ${what}\n`);
}

/** Files without which the package would start and fail later. */
const needed = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'dist/cli/main.js',
  'dist/spec/define.js',
  'dist/spec/define.d.ts',
  'dist/spec/evaluation-child.js',
  'dist/sandbox/supervisor.js',
  'assets/kubernetes/go.mod',
  'assets/kubernetes/go.sum',
  'assets/kwok/stages.yaml',
  'catalog/instance-types.yaml',
  'examples/minimal/fleet.yaml',
  'examples/acme/fleet.yaml',
  'schema/toryo.json',
];

function packed(): string {
  const listed: unknown = JSON.parse(
    must(root, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder),
  );
  const text = JSON.stringify(listed);
  const files = new Set([...text.matchAll(/"path":"([^"]+)"/g)].map((match) => match[1] ?? ''));
  const missing = needed.filter((file) => !files.has(file));
  check(`the package has ${files.size} files`, missing.length === 0, `${missing.join(', ')} missing`);
  const surplus = [...files].filter((file) => /\.test\.|\/testing\/|^(src|test|scripts|bench)\//.test(file));
  check('no test and no source is in it', surplus.length === 0, surplus.slice(0, 5).join(', '));
  return path.join(folder, /"filename":"([^"]+)"/.exec(text)?.[1] ?? 'no file name');
}

function used(home: string): void {
  const toryo = (...args: readonly string[]): string => must(home, 'npx', '--no-install', 'toryo', ...args);
  cpSync(path.join(home, 'node_modules', 'toryo', 'examples'), path.join(home, 'examples'), {
    recursive: true,
  });
  const version = toryo('version');
  check('toryo version', /\d+\.\d+\.\d+/.test(version), version);
  toryo('check', 'examples/minimal');
  check('toryo check examples/minimal', true, '');
  toryo('init', 'fleet', '--template', 'acme');
  toryo('check', 'fleet');
  check('toryo init, and check of what it made', true, '');
  try {
    toryo('sandbox', 'up', 'smoke', '--nodes', '1');
    check('toryo sandbox up', toryo('sandbox', 'list').includes('ready'), 'it is not ready');
  } finally {
    run(home, 'npx', '--no-install', 'toryo', 'sandbox', 'down', '--all');
  }
}

const consumer = `import { defineFleet } from 'toryo';\nexport const made: (...args: never[]) => unknown = defineFleet;\nconsole.log(typeof made);\n`;

function imported(home: string): void {
  writeFileSync(path.join(home, 'consumer.ts'), consumer);
  check(
    'import from toryo',
    must(home, process.execPath, 'consumer.ts').trim() === 'function',
    'no defineFleet',
  );
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
  must(home, process.execPath, path.join(root, 'node_modules/typescript/bin/tsc'), ...flags, 'consumer.ts');
  check('its types, in strict TypeScript', true, '');
}

/** With an old Node.js, where this machine has one outside the checkout, it says one line and ends with 2. */
function refused(home: string): void {
  const main = path.join(home, 'node_modules', 'toryo', 'dist', 'cli', 'main.js');
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((one) => !one.startsWith(bin));
  const nodes = folders.map((one) => path.join(one, 'node')).filter((one) => existsSync(one));
  const old = nodes.find(
    (node) => Number.parseInt(run(home, node, '-p', 'process.versions.node').out, 10) < 24,
  );
  if (old === undefined) return check('an old Node.js: skipped, none is on PATH', true, '');
  const { code, said } = run(home, old, main, 'version');
  check(
    'an old Node.js is told what to do',
    code === 2 && said.trim().split('\n').length === 1,
    `${code}: ${said}`,
  );
}

try {
  const home = path.join(folder, 'home');
  const tarball = packed();
  must(folder, 'mkdir', home);
  writeFileSync(path.join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
  must(
    home,
    'npm',
    'install',
    '--ignore-scripts',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    tarball,
  );
  check('it installs in an empty folder', true, '');
  used(home);
  imported(home);
  refused(home);
} catch (error) {
  process.stderr.write(`smoke: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
