import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compareText, failure, yamlText } from '../../lib/index.ts';
import { ownerName } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { bundlesIn } from '../../toryo.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

export interface BuildOptions {
  readonly out?: string;
  readonly check?: boolean;
  readonly cluster?: readonly string[];
}

const differs = 5;

/** `toryo build`: one folder per cluster, one file per owner; --check compares instead of writing. */
export async function build(root: string, options: BuildOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const out = options.out === undefined ? path.join(root, 'rendered') : options.out;
  if (options.check === true) return checkFiles(out, bundles, session);
  if (options.out !== undefined) return writeFiles(out, bundles, session);
  if (session.format === 'name') session.print(bundles.map((bundle) => `${bundle.cluster}\n`).join(''));
  else if (session.format === 'table' || session.format === 'wide')
    session.show(
      tableText(['CLUSTER', 'VERSION', 'OBJECTS', 'DIGEST'], bundles.map(rowOf), session.style.columns()),
    );
  else {
    const objects = bundles.map((bundle) => ({
      cluster: bundle.cluster,
      digest: bundle.digest,
      objects: bundle.manifests.map((one) => one.object),
    }));
    session.print(session.format === 'yaml' ? yamlText(objects) : `${JSON.stringify(objects, null, 2)}\n`);
  }
  return 0;
}

function rowOf(bundle: Bundle): readonly string[] {
  return [bundle.cluster, bundle.version ?? '', String(bundle.manifests.length), bundle.digest.slice(0, 19)];
}

/** File -> text of rendered bundles: `<cluster>/App-shop-web.yaml`. */
export function renderedFiles(bundles: readonly Bundle[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const bundle of bundles) {
    for (const { object, owner } of bundle.manifests) {
      const file = `${bundle.cluster}/${ownerName(owner).replaceAll('/', '-')}.yaml`;
      const before = files.get(file);
      files.set(file, before === undefined ? yamlText(object) : `${before}---\n${yamlText(object)}`);
    }
  }
  return files;
}

async function writeFiles(out: string, bundles: readonly Bundle[], session: Session): Promise<number> {
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === false)
    throw failure('TORYO_USAGE', { why: `${out} is a file: name a folder` });
  const files = renderedFiles(bundles);
  const stale = (await filesBelow(out)).filter((file) => !files.has(file));
  await Promise.all(stale.map((file) => rm(path.join(out, file))));
  for (const [file, text] of files) {
    await mkdir(path.dirname(path.join(out, file)), { recursive: true });
    await writeFile(path.join(out, file), text);
  }
  session.say(
    `${session.style('green', '✓')} ${files.size} files in ${out}${stale.length === 0 ? '' : `, ${stale.length} that no longer belong removed`}\n`,
  );
  return 0;
}

// Only what looks like ours is ever compared or removed: <folder>/<Kind>-….yaml.
async function filesBelow(out: string): Promise<readonly string[]> {
  try {
    const files = await readdir(out, { recursive: true });
    return files.filter((file) => /^[^/]+\/(App|Addon|Tenant)-[^/]+\.yaml$/.test(file)).sort(compareText);
  } catch {
    return [];
  }
}

async function checkFiles(out: string, bundles: readonly Bundle[], session: Session): Promise<number> {
  const files = renderedFiles(bundles);
  const present = new Set(await filesBelow(out));
  if (present.size === 0) {
    session.say(
      `${session.style('green', '✓')} ${files.size} files would be rendered; nothing is rendered in ${out} to compare with\n`,
    );
    return 0;
  }
  const different: string[] = [];
  for (const [file, text] of files) {
    if (!present.has(file)) different.push(`missing ${file}`);
    else if ((await readFile(path.join(out, file), 'utf8')) !== text) different.push(`differs ${file}`);
  }
  different.push(...[...present].filter((file) => !files.has(file)).map((file) => `extra ${file}`));
  session.print(different.map((line) => `${line}\n`).join(''));
  session.say(
    different.length === 0
      ? `${session.style('green', '✓')} ${files.size} files are up to date\n`
      : `run \`toryo build --out ${out}\`\n`,
  );
  return different.length === 0 ? 0 : differs;
}
