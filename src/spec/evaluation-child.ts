/**
 * The program that evaluates a fleet written in TypeScript, in a process without rights: `node --permission` lets it read the
 * repository and this package and keeps it from writing, starting programs, threads and add-ons; what the permission model of
 * this Node does not cover (the network, signals) is taken away here, before any line of the fleet runs.
 */
import { writeSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { definitionsSoFar } from './definitions.ts';

/** What a fleet may import besides its own files: no network, no programs, no threads, nothing that leads to them. */
const allowed: ReadonlySet<string> = new Set([
  'assert',
  'assert/strict',
  'buffer',
  'crypto',
  'fs',
  'fs/promises',
  'path',
  'path/posix',
  'querystring',
  'string_decoder',
  'url',
]);

const here = new URL('.', import.meta.url).href;
const defineUrl = new URL(import.meta.url.endsWith('.ts') ? 'define.ts' : 'define.js', here).href;
const [fleetFile = ''] = process.argv.slice(2);
const exit = process.exit.bind(process);

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'toryo') return next(defineUrl, context);
    const isOwn = context.parentURL?.startsWith(here) === true;
    if (isBuiltin(specifier) && !isOwn && !allowed.has(specifier.replace(/^node:/, '')))
      throw new Error(`a fleet may not import ${specifier}`);
    if (/^(data|https?|blob):/.test(specifier)) throw new Error(`a fleet may not import ${specifier}`);
    return next(specifier, context);
  },
  load(url, context, next) {
    // A repository needs no package.json to say that its files are modules.
    const isTyped = url.endsWith('.ts') && !url.includes('/node_modules/');
    const loaded = next(url, isTyped ? { ...context, format: 'module-typescript' } : context);
    if (loaded.format === 'commonjs' || loaded.format === 'commonjs-typescript')
      throw new Error(`${url} is no ES module: a fleet may not use require`);
    return loaded;
  },
});

const nothing = (): undefined => undefined;
const silent = Object.fromEntries(
  ['debug', 'dir', 'error', 'group', 'groupEnd', 'info', 'log', 'table', 'trace', 'warn'].map((name) => [
    name,
    nothing,
  ]),
);
const bare = {
  argv: [],
  env: {},
  platform: process.platform,
  version: process.version,
  versions: { ...process.versions },
};
for (const name of [
  'fetch',
  'Request',
  'Response',
  'WebSocket',
  'EventSource',
  'navigator',
  'process',
  'console',
])
  Reflect.deleteProperty(globalThis, name);
Object.assign(globalThis, { process: bare, console: silent });

function answer(value: unknown): never {
  const bytes = Buffer.from(JSON.stringify(value));
  for (let sent = 0; sent < bytes.length;) sent += send(bytes.subarray(sent));
  return exit(0);
}

// The other side may read slower than this writes.
function send(bytes: Uint8Array): number {
  try {
    return writeSync(3, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}

try {
  await import(pathToFileURL(fleetFile).href);
  answer({ definitions: definitionsSoFar() });
} catch (error) {
  const isError = error instanceof Error;
  const resource = isError && 'resource' in error ? String(error.resource) : '';
  answer({
    failed: {
      code: isError && 'code' in error ? String(error.code) : '',
      message: isError ? error.message : String(error),
      stack: isError ? (error.stack ?? '') : '',
      resource,
    },
  });
}
