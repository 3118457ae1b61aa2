#!/usr/bin/env node
// Plain syntax: an old Node.js must get as far as the sentence below.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'toryo needs Node.js 24 or newer, this is ' +
      process.version +
      ': install it from https://nodejs.org, or run `npm ci --ignore-scripts` in a checkout\n',
  );
  process.exit(2);
}
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { main } = await import('./program.ts');
await main(process.argv.slice(2));
