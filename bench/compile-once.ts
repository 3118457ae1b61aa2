// Loads and compiles one fleet in a process of its own, so that time and memory are its own; prints one JSON line.
import { build } from '../src/toryo.ts';

const [root = '.'] = process.argv.slice(2);
const begun = performance.now();
const run = { signal: new AbortController().signal, now: () => new Date().toISOString(), emit: () => {} };
const built = await build(root, { env: process.env }, run);
const errors = built.diagnostics.filter((one) => one.severity === 'error').length;
const objects = built.value?.bundles.reduce((sum, bundle) => sum + bundle.manifests.length, 0) ?? 0;
console.log(
  JSON.stringify({
    seconds: (performance.now() - begun) / 1000,
    rssMiB: process.resourceUsage().maxRSS / 1024,
    objects,
    errors,
  }),
);
