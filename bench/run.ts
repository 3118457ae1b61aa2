// npm run bench: every figure in one run, as a table and as bench/results.json.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tableText } from '../src/cli/index.ts';
import { count, measureMemory, measureRound, type Round } from './deliver.ts';
import { writeFleet } from './generated-fleet.ts';
import { measureMany } from './many-clusters.ts';
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
  memory,
  clusters,
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
    Number.POSITIVE_INFINITY,
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
  const rounds: Round[] = [];
  for (let round = 0; round < runs; round += 1) rounds.push(await measureRound(`r${round}`));
  return roundFigures(rounds);
}

function rate(seconds: number, objects = count): string {
  return `${(objects / seconds).toFixed(0)} objects/s`;
}

function ratio(value: number): string {
  return `${value.toFixed(2)} x`;
}

/** A figure that is only held against others. */
function peer(name: string, value: string): Figure {
  return { name, value, against: 'peer', isMet: true };
}

/** A ratio of times, and how large it should be at least. */
function faster(name: string, than: string, one: { seconds: number; peer: number; wanted: number }): Figure {
  const times = one.peer / one.seconds;
  const against = `${ratio(times)} ${than}, wanted ${ratio(one.wanted)}`;
  return { name, value: rate(one.seconds), against, isMet: times >= one.wanted };
}

function roundFigures(rounds: readonly Round[]): readonly Figure[] {
  const mid = (key: keyof Round): number => median(rounds.map((one) => one[key]));
  const most = (key: keyof Round): number => Math.max(...rounds.map((one) => one[key]));
  const [planAndApply, writing, second] = [mid('planAndApply'), mid('writing'), mid('second')];
  const perChange = most('changedWrites') / mid('changed');
  const allowed = mid('kinds') + 10;
  return [
    peer('kubectl apply --server-side, 1,200 objects', rate(mid('kubectl'))),
    peer('the same a second time', `${mid('kubectlSecond').toFixed(1)} s`),
    peer('kubectl with --validate=false', rate(mid('kubectlUnchecked'))),
    peer('bare loop of 16 server-side applies', rate(mid('bareLoop'))),
    faster('toryo plan + apply', 'kubectl', { seconds: planAndApply, peer: mid('kubectl'), wanted: 1.2 }),
    faster('toryo, the writes alone', 'kubectl', { seconds: writing, peer: mid('kubectl'), wanted: 2 }),
    faster('toryo, the writes alone', 'the bare loop', {
      seconds: writing,
      peer: mid('bareLoop'),
      wanted: 0.85,
    }),
    {
      ...faster('', 'kubectl a second time', { seconds: second, peer: mid('kubectlSecond'), wanted: 10 }),
      name: 'toryo plan + apply with no change',
      value: `${second.toFixed(2)} s`,
    },
    {
      name: 'its requests',
      value: `${most('secondRequests')}, of them ${most('secondWrites')} writes`,
      against: `at most ${allowed} (kinds + 10), no write`,
      isMet: most('secondRequests') <= allowed && most('secondWrites') === 0,
    },
    {
      name: `writes per changed object (${mid('changed')} of 1,200)`,
      value: perChange.toFixed(3),
      against: 'at most 1.05',
      isMet: perChange <= 1.05,
    },
  ];
}

async function memory(): Promise<readonly Figure[]> {
  const { built, peak, held } = await measureMemory();
  const one = (name: string, value: number, wanted: number | undefined): Figure => ({
    name: `memory per managed object, ${name}`,
    value: `${value.toFixed(1)} KB`,
    against: wanted === undefined ? 'base' : `at most ${wanted} KB`,
    isMet: wanted === undefined || value <= wanted,
  });
  return [
    one('to read and compile the repository', built, undefined),
    one('what a plan without changes adds at its peak', peak - built, 15),
    one('held by that plan', held, 15),
  ];
}

async function clusters(): Promise<readonly Figure[]> {
  const many = await measureMany();
  const all = many.clusters * many.objects;
  const times = many.bareLoop / many.writing;
  const what = `${many.clusters} clusters x ${many.objects} objects`;
  return [
    peer(`${what}: bare loop of 16 on each`, rate(many.bareLoop, all)),
    {
      name: `${what}: toryo, the writes alone`,
      value: rate(many.writing, all),
      against: `${ratio(times)} the bare loop, wanted 0.85 x`,
      isMet: times >= 0.85,
    },
    {
      name: `${what}: toryo plan + apply`,
      value: rate(many.planAndApply, all),
      against: `${ratio(many.bareLoop / many.planAndApply)} the bare loop`,
      isMet: true,
    },
    peer(`${what}: toryo with no change`, `${many.second.toFixed(2)} s`),
  ];
}
