// Plans one fleet in a process of its own, so that its memory is its own; prints one JSON line. Run with --expose-gc.
import { build, closeAll, plan } from '../src/toryo.ts';

const [root = '.'] = process.argv.slice(2);
const run = { signal: new AbortController().signal, now: () => new Date().toISOString(), emit: () => {} };
const built = await build(root, { env: process.env }, run);
if (built.value === undefined) throw new Error(JSON.stringify(built.diagnostics));
const builtKiB = process.resourceUsage().maxRSS;
const scope = { clusters: [], permissions: { deletions: new Set<string>(), prunes: new Set<string>() } };
const planned = await plan(built.value, scope, process.env, run);
globalThis.gc?.();
const changes = planned.plan.waves.flatMap((wave) => wave.clusters.flatMap((one) => one.changes));
console.log(
  JSON.stringify({
    builtKiB,
    peakKiB: process.resourceUsage().maxRSS,
    heldKiB: process.memoryUsage().heapUsed / 1024,
    objects: changes.length,
    unchanged: changes.filter((change) => change.action === 'unchanged').length,
  }),
);
await closeAll(planned.clients);
