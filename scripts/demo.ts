// The demo: the clusters of examples/acme as sandboxes on this machine, delivered, shown, and removed again.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const toryo = path.join(root, 'bin/toryo');
const isKept = process.argv.includes('--keep');
// Clusters of its own, so that a user's are never touched; kept ones are ordinary sandboxes.
const state = isKept ? undefined : mkdtempSync(path.join(tmpdir(), 'toryo-demo-'));
const env = { ...process.env, ...(state === undefined ? {} : { TORYO_STATE: state }) };
let isInterrupted = false;

const interrupt = (): void => {
  isInterrupted = true;
};
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

const begun = performance.now();
let said = 'demo: interrupted, nothing is left running';
let code = 130;
try {
  code = await demo();
} finally {
  await end();
  console.log(said);
}
process.exitCode = isInterrupted ? 130 : code;

async function demo(): Promise<number> {
  const steps: readonly (readonly string[])[] = [
    ['check', 'examples/acme'],
    ['apply', 'examples/acme', '--yes'],
    ['status', 'examples/acme'],
  ];
  for (const words of steps) {
    heading(`toryo ${words.join(' ')}`);
    const exit = await run(words);
    if (isInterrupted) return 130;
    said = `demo: toryo ${words.join(' ')} ended with exit code ${exit}`;
    if (exit !== 0) return exit;
  }
  const { clusters, objects, sick } = await counted();
  said = `demo: ${clusters} clusters, ${objects} objects, ${sick === 0 ? 'all healthy' : `${sick} not healthy`}`;
  next();
  return sick === 0 ? 0 : 8;
}

function next(): void {
  const seconds = Math.round((performance.now() - begun) / 1000);
  const lines = isKept
    ? [
        'The clusters go on running. Try:',
        '  bin/toryo sandbox list',
        '  kubectl --kubeconfig "$(bin/toryo sandbox kubeconfig acme-shop-tokyo --path)" get pods -A',
        '  edit examples/acme/apps/shop/web/app.yaml, then: bin/toryo plan examples/acme',
        '  bin/toryo sandbox down --all',
      ]
    : [
        'Try next:',
        '  npm run demo -- --keep              the same, and the clusters stay for you to look at',
        '  bin/toryo init my-fleet             a fleet repository of your own',
        '  bin/toryo explain Tenant            what a field means',
      ];
  console.log(`\n${lines.join('\n')}\n\nall of this took ${seconds} s`);
}

function heading(text: string): void {
  const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  console.log(isColoured ? `\n\u001B[1m$ ${text}\u001B[0m` : `\n$ ${text}`);
}

/** Runs Toryo as a user would; its output is the demo's. */
function run(words: readonly string[], stdio: 'inherit' | 'ignore' = 'inherit'): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(toryo, [...words], { cwd: root, env, stdio });
    child.on('error', reject).on('exit', (exit) => resolve(exit ?? 130));
  });
}

interface Counted {
  readonly clusters: number;
  readonly objects: number;
  readonly sick: number;
}

async function counted(): Promise<Counted> {
  const text = await new Promise<string>((resolve, reject) => {
    const child = spawn(toryo, ['status', 'examples/acme', '-o', 'json'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    child.on('error', reject).on('close', () => resolve(chunks.join('')));
  });
  const clusters: { objects: { health: { state: string } }[] }[] = JSON.parse(text);
  const states = clusters.flatMap((cluster) => cluster.objects.map((object) => object.health.state));
  return {
    clusters: clusters.length,
    objects: states.length,
    sick: states.filter((one) => one !== 'healthy').length,
  };
}

async function end(): Promise<void> {
  if (state === undefined) return;
  await run(['sandbox', 'down', '--all'], 'ignore');
  rmSync(state, { recursive: true, force: true });
}
