// npm run bench: every figure in one run, as a table and as bench/results.json.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tableText } from '../src/cli/index.ts';
import { benchDeliver } from './deliver.ts';
import { writeFleet } from './generated-fleet.ts';
import { median } from './median.ts';

/** One line of the table: what was measured, what came out, and the limit or peer it is held against. */
interface Figure {
  readonly name: string;
  readonly value: string;
  readonly against: string;
  readonly isMet: boolean;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const toryo = path.join(root, 'bin/toryo');
const runs = Number(process.env['BENCH_RUNS'] ?? 5);
const only = process.argv.slice(2);

const parts: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
  startup,
  compile,
  deliver,
};
const figures: Figure[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (only.length > 0 && !only.includes(name)) continue;
  process.stderr.write(`bench: ${name} …\n`);
  figures.push(...(await part()));
}
process.stdout.write(
  tableText(
    ['FIGURE', 'MEASURED', 'AGAINST', ''],
    figures.map((one) => [one.name, one.value, one.against, one.isMet ? 'met' : 'MISSED']),
  ),
);
writeFileSync(
  path.join(root, 'bench/results.json'),
  `${JSON.stringify({ node: process.version, processor: cpus()[0]?.model, runs, figures }, null, 2)}\n`,
);

/** Wall time of a command, in milliseconds; undefined runs are not counted. */
function time(words: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  const begun = performance.now();
  const done = spawnSync(toryo, [...words], { cwd: root, env });
  if (done.status !== 0) throw new Error(`toryo ${words.join(' ')}: ${String(done.stderr)}`);
  return performance.now() - begun;
}

function startup(): readonly Figure[] {
  const one = (words: readonly string[], limit: number): Figure => {
    const cache = mkdtempSync(path.join(tmpdir(), 'toryo-compile-'));
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const cold = time(words, env);
    const warm = median(Array.from({ length: runs }, () => time(words, env)));
    rmSync(cache, { recursive: true });
    return {
      name: `toryo ${words.join(' ')}`,
      value: `${warm.toFixed(0)} ms (cold ${cold.toFixed(0)} ms)`,
      against: `under ${limit} ms`,
      isMet: warm < limit,
    };
  };
  return [one(['--help'], 100), one(['check', 'examples/minimal'], 250)];
}

interface Compiled {
  readonly seconds: number;
  readonly rssMiB: number;
  readonly objects: number;
  readonly errors: number;
}

function compile(): readonly Figure[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-fleet-'));
  try {
    const sizes = [50, 100, 200, 500].map((clusters) => ({
      clusters,
      ...compiled(path.join(folder, String(clusters)), clusters),
    }));
    const first = sizes[0];
    return sizes.map((size) => {
      const isLargest = size.clusters === 500;
      const growth =
        first === undefined ? 1 : size.seconds / first.seconds / (size.clusters / first.clusters);
      return {
        name: `load + compile ${size.clusters} clusters x 20 apps (${size.objects} objects)`,
        value: `${size.seconds.toFixed(2)} s, ${size.rssMiB.toFixed(0)} MiB`,
        against: isLargest
          ? `under 15 s and 1024 MiB; ${growth.toFixed(2)} of linear`
          : `${growth.toFixed(2)} of linear`,
        isMet: isLargest ? size.seconds < 15 && size.rssMiB < 1024 && growth < 1.5 : growth < 1.5,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compiled(folder: string, clusters: number): Compiled {
  writeFleet(folder, { clusters, appsPerCluster: 20 });
  const all = Array.from({ length: runs }, () => {
    const done = spawnSync(process.execPath, [path.join(root, 'bench/compile-once.ts'), folder], {
      encoding: 'utf8',
    });
    const one: Compiled = JSON.parse(done.stdout);
    if (one.errors > 0) throw new Error(`the generated fleet has ${one.errors} mistakes`);
    return one;
  });
  rmSync(folder, { recursive: true, force: true });
  return {
    seconds: median(all.map((one) => one.seconds)),
    rssMiB: median(all.map((one) => one.rssMiB)),
    objects: all[0]?.objects ?? 0,
    errors: 0,
  };
}

async function deliver(): Promise<readonly Figure[]> {
  const { median: middle } = await benchDeliver(runs);
  const ratio = (value: number, to: number): string => `${(value / to).toFixed(2)} x`;
  const text = (value: number): string => `${value.toFixed(0)} objects/s`;
  const peer = middle.kubectlUnchecked;
  return [
    {
      name: 'kubectl apply --server-side, 1,200 objects',
      value: text(middle.kubectl),
      against: 'peer',
      isMet: true,
    },
    {
      name: 'the same with --validate=false',
      value: text(peer),
      against: 'peer at its fastest',
      isMet: true,
    },
    {
      name: 'bare loop of 16 server-side applies',
      value: text(middle.bareLoop),
      against: 'limit',
      isMet: true,
    },
    {
      name: 'toryo plan + apply',
      value: text(middle.planAndApply),
      against: `${ratio(middle.planAndApply, peer)} the fastest kubectl, wanted 1.00 x`,
      isMet: middle.planAndApply >= peer,
    },
    {
      name: 'toryo, the writes alone',
      value: text(middle.writes),
      against: `${ratio(middle.writes, peer)} the fastest kubectl, wanted 1.80 x; ${ratio(middle.writes, middle.bareLoop)} the bare loop`,
      isMet: middle.writes >= 1.8 * peer,
    },
  ];
}
