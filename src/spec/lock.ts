import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  at,
  compareText,
  isObject,
  parseYaml,
  problem,
  stringAt,
  stringsAt,
  listAt,
  isString,
  type Diagnostic,
} from '../lib/index.ts';
import { tagKeyOf } from '../objects/index.ts';
import { fileOrigin, type RepositoryFile } from './folder.ts';

/** What was resolved for one Cluster, Tenant, App or Addon, and that it exists at all. */
export interface LockEntry {
  readonly kind: 'Cluster' | 'Tenant' | 'App' | 'Addon';
  readonly name: string;
  /** Of an App. */
  readonly tenant?: string;
  /** Of a Tenant: its namespaces on any cluster. */
  readonly namespaces?: readonly string[];
  /** Of a Cluster that Toryo does not make: the uid of its kube-system namespace. */
  readonly identity?: string;
  /** Of an App or Addon: charts by name and version, and their digests. */
  readonly charts?: Readonly<Record<string, string>>;
  /** Of an App or Addon: images by `registry/repository:tag`, and the digest that each tag stands for. */
  readonly images?: Readonly<Record<string, string>>;
}

/** toryo.lock by file name; only `toryo lock` writes it. */
export type Lock = ReadonlyMap<string, LockEntry>;

/** The folder of lock files below the root. */
export const lockFolder = 'toryo.lock';

/** `cluster-shop-tokyo.yaml`, `app-shop-web.yaml`. */
export function lockFileOf(entry: Pick<LockEntry, 'kind' | 'name' | 'tenant'>): string {
  const name = entry.tenant === undefined ? entry.name : `${entry.tenant}-${entry.name}`;
  return `${entry.kind.toLowerCase()}-${name}.yaml`;
}

/** `App/shop/web`, `Cluster/lab`. */
export function lockTitle(entry: Pick<LockEntry, 'kind' | 'name' | 'tenant'>): string {
  return entry.tenant === undefined
    ? `${entry.kind}/${entry.name}`
    : `${entry.kind}/${entry.tenant}/${entry.name}`;
}

const header = '# Written by `toryo lock`; commit it, do not edit it.\n';

/** The bytes of a lock file: keys in one order, so that a rewrite changes nothing. */
export function lockText(entry: LockEntry): string {
  const lines = [`kind: ${entry.kind}`, `name: ${entry.name}`];
  if (entry.tenant !== undefined) lines.push(`tenant: ${entry.tenant}`);
  if (entry.identity !== undefined) lines.push(`identity: ${entry.identity}`);
  if (entry.namespaces !== undefined) lines.push(`namespaces: [${entry.namespaces.join(', ')}]`);
  const charts = Object.entries(entry.charts ?? {});
  if (charts.length > 0) lines.push('charts:', ...charts.map(([chart, digest]) => lockLine(chart, digest)));
  const images = Object.entries(entry.images ?? {}).sort(([left], [right]) => compareText(left, right));
  if (images.length > 0) lines.push('images:', ...images.map(([image, digest]) => lockLine(image, digest)));
  return `${header}${lines.join('\n')}\n`;
}

/** The line of a lock file that says which digest a name stands for. */
export function lockLine(name: string, digest: string): string {
  return `  "${name}": ${digest}`;
}

/** Reads the lock files of a repository. */
export function readLock(
  root: string,
  files: readonly RepositoryFile[],
): { readonly lock: Lock; readonly diagnostics: readonly Diagnostic[] } {
  const lock = new Map<string, LockEntry>();
  const diagnostics: Diagnostic[] = [];
  for (const { file } of files.filter((one) => one.file.startsWith(`${lockFolder}/`))) {
    const entry = readEntry(root, file, diagnostics);
    if (entry !== undefined) lock.set(path.posix.basename(file), entry);
  }
  return { lock, diagnostics };
}

function readEntry(root: string, file: string, diagnostics: Diagnostic[]): LockEntry | undefined {
  const parsed = parseYaml(readFileSync(path.join(root, file), 'utf8'), file);
  diagnostics.push(...parsed.diagnostics);
  if (parsed.value === undefined) return undefined;
  const entry = entryOf(parsed.value[0]?.value);
  const why =
    entry === undefined || lockFileOf(entry) !== path.posix.basename(file)
      ? 'kind and name do not fit its file name'
      : imageTrouble(parsed.value[0]?.value);
  if (why === undefined) return entry;
  diagnostics.push(problem('TRY-LOCK-003', fileOrigin(file), { why }));
  return undefined;
}

// What stands here becomes the image that runs: half a digest left by a merge must not pass.
function imageTrouble(value: unknown): string | undefined {
  const images = at(value, 'images');
  if (images === undefined) return undefined;
  if (!isObject(images)) return 'images is not a mapping';
  const bad = Object.entries(images).find(([key, digest]) => !isPin(key, digest));
  return bad && `images: "${bad[0]}" must be registry/repository:tag, with a sha256: digest`;
}

function isPin(key: string, digest: unknown): boolean {
  return tagKeyOf(key) === key && isString(digest) && /^sha256:[0-9a-f]{64}$/.test(digest);
}

function entryOf(value: unknown): LockEntry | undefined {
  if (!isObject(value)) return undefined;
  const kind = (['Cluster', 'Tenant', 'App', 'Addon'] as const).find((one) => one === value['kind']);
  const name = stringAt(value, 'name');
  if (kind === undefined || name === undefined) return undefined;
  const tenant = stringAt(value, 'tenant');
  const identity = stringAt(value, 'identity');
  const charts = stringsAt(value, 'charts');
  const images = stringsAt(value, 'images');
  return {
    kind,
    name,
    ...(tenant === undefined ? {} : { tenant }),
    ...(identity === undefined ? {} : { identity }),
    ...('namespaces' in value ? { namespaces: listAt(value, 'namespaces').filter(isString) } : {}),
    ...(Object.keys(charts).length === 0 ? {} : { charts }),
    ...(Object.keys(images).length === 0 ? {} : { images }),
  };
}
