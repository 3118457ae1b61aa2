// Makes node_modules what package-lock.json says, then looks for Node.js 24. Runs before `npm run demo`, `npm test` and
// `npm run bench`, on any Node.js from 20 on and before anything is installed: plain JavaScript, no dependencies.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = 24;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');

/** @param {string} text */
const say = (text) => process.stderr.write(`setup: ${text}\n`);

/**
 * Says why it cannot go on, and ends.
 * @param {string} why
 */
const fail = (why) => {
  say(why);
  process.exit(1);
};

/** @param {string} file */
const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Why node_modules is not what the lockfile says; undefined when it is. npm writes its own record last, so half an install has none. */
const mismatch = () => {
  const record = path.join(modules, '.package-lock.json');
  if (!existsSync(modules)) return 'nothing is installed yet';
  if (!existsSync(record)) return 'the last install did not finish';
  try {
    const locked = packagesIn(path.join(root, 'package-lock.json'));
    const installed = packagesIn(record);
    const extra = Object.keys(installed).find((folder) => locked[folder] === undefined);
    if (extra !== undefined) return `${extra} is not in package-lock.json`;
    const differing = Object.keys(locked).find(
      (folder) => folder !== '' && differs(folder, locked[folder], installed[folder]),
    );
    return differing === undefined ? undefined : `${differing} is not as in package-lock.json`;
  } catch (error) {
    return `what is installed cannot be read (${error.message})`;
  }
};

/** @param {string} folder @param {object} locked @param {object | undefined} installed */
const differs = (folder, locked, installed) => {
  if (installed === undefined) return locked.optional !== true;
  if (installed.version !== locked.version || installed.integrity !== locked.integrity) return true;
  const manifest = path.join(root, folder, 'package.json');
  if (!existsSync(manifest)) return true;
  return (
    locked.version !== undefined && JSON.parse(readFileSync(manifest, 'utf8')).version !== locked.version
  );
};

/** PATH without what is about to be replaced: npm must not run on the Node.js that it removes. */
const outside = () =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !path.resolve(folder).startsWith(modules))
    .join(path.delimiter);

const flags = [
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--loglevel=error',
  '--fetch-retry-mintimeout=1000',
];

/** Runs npm ci; gives what it said on stderr when it failed. */
const install = () =>
  new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(isWindows ? 'npm.cmd' : 'npm', ['ci', ...flags], {
      cwd: root,
      env: { ...process.env, PATH: outside() },
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: isWindows,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', (error) => resolve(error.code === 'ENOENT' ? 'npm is missing' : error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? undefined : said.trim() || `npm ci ended with code ${code}`),
    );
  });

/** @param {string} said What npm said when it failed; gives what to do, in one line. */
const advice = (said) => {
  if (said === 'npm is missing')
    return 'npm is not on PATH: install Node.js with npm from https://nodejs.org';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(said))
    return 'npm cannot reach the package registry: connect to the network (or set the proxy: `npm config set proxy URL`) and try again';
  if (/ENOSPC/.test(said)) return 'the disk is full: free about 500 MB and try again';
  if (/EACCES|EPERM|EROFS/.test(said))
    return `npm may not write ${modules}: make the checkout yours and try again`;
  if (/EUSAGE/.test(said))
    return 'package.json and package-lock.json disagree: run `npm install` and commit package-lock.json';
  return `npm ci failed: ${said
    .replaceAll(/^npm (error|warn) ?/gm, '')
    .split('\n')
    .filter(Boolean)
    .slice(0, 3)
    .join('; ')}`;
};

/** @param {string} node A program; gives its major version, 0 when it does not run. */
const majorOf = (node) => {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return Number.parseInt(stdout ?? '0', 10) || 0;
};

const why = mismatch();
if (why !== undefined) {
  const start = Date.now();
  say(`installing the packages that package-lock.json names, because ${why} …`);
  const said = await install();
  if (said !== undefined) fail(advice(said));
  const still = mismatch();
  if (still !== undefined) fail(`npm ci ended well, but ${still}: remove node_modules and try again`);
  say(`installed in ${Math.round((Date.now() - start) / 1000)} s`);
}
const own = path.join(modules, '.bin', 'node');
if ((existsSync(own) ? majorOf(own) : 0) < wanted && majorOf('node') < wanted) {
  fail(
    `Node.js ${wanted} is needed and there is no package of it for ${process.platform} ${process.arch}: install it from https://nodejs.org and put it first on PATH`,
  );
}
