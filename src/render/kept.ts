import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { at, isArray, numberAt, parseJson, sha256, stringAt, type Origin } from '../lib/index.ts';
import { isKubeObject } from '../objects/index.ts';
import { cacheRoot } from '../assets/index.ts';
import type { Environment } from './order.ts';
import type { RenderedObject } from './rendered.ts';

/** What an earlier run rendered from the same inputs; undefined when there is nothing whole. */
export async function keptObjects(
  key: string,
  env: Environment,
): Promise<readonly RenderedObject[] | undefined> {
  const text = await readFile(fileOf(key, env), 'utf8').catch(() => '');
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== headerOf(body)) return undefined;
  const items = parseJson(body);
  if (!isArray(items)) return undefined;
  const objects = items.flatMap((item) => objectOf(item));
  return objects.length === items.length ? objects : undefined;
}

/** Keeps what was rendered for the next run: whole or not at all. A cache that cannot be written is no reason to fail. */
export async function keepObjects(
  key: string,
  objects: readonly RenderedObject[],
  env: Environment,
): Promise<void> {
  const file = fileOf(key, env);
  const draft = `${file}.${process.pid}.${randomUUID().slice(0, 8)}.part`;
  const items = objects.map(({ object, from }) => JSON.stringify({ from, object }));
  const body = `[\n${items.join(',\n')}\n]\n`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(draft, `${headerOf(body)}\n${body}`, { mode: 0o600 });
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => {});
  }
}

// JSON is YAML, and read ten times faster; the first line is a comment.
function fileOf(key: string, env: Environment): string {
  return path.join(cacheRoot(env), 'render', `${key.replace(/^sha256:/, '')}.yaml`);
}

function headerOf(body: string): string {
  return `# sha256:${sha256(body)}`;
}

function objectOf(item: unknown): readonly RenderedObject[] {
  const object = at(item, 'object');
  const from = originOf(at(item, 'from'));
  return isKubeObject(object) && from !== undefined ? [{ object, from }] : [];
}

function originOf(value: unknown): Origin | undefined {
  const [file, line, column] = [stringAt(value, 'file'), numberAt(value, 'line'), numberAt(value, 'column')];
  if (file === undefined || line === undefined || column === undefined) return undefined;
  return { file, line, column, path: stringAt(value, 'path') ?? '' };
}
