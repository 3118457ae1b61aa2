import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  checked,
  compareText,
  isObject,
  isString,
  objectAt,
  parseYaml,
  problem,
  type Checked,
  type Diagnostic,
} from '../lib/index.ts';
import { flattened, isKubeObject, type KubeObject } from '../objects/index.ts';
import { fileOf, type Ground } from '../spec/index.ts';
import type { RenderedObject } from './rendered.ts';

/** Reads plain manifests: one file, or every YAML and JSON file below a folder. `target` is a path of the repository. */
export function readPlain(ground: Ground, target: string): Checked<readonly RenderedObject[]> {
  const files = statSync(fileOf(ground, target)).isDirectory() ? manifestFiles(ground, target) : [target];
  const diagnostics: Diagnostic[] = [];
  const objects: RenderedObject[] = [];
  for (const file of files) {
    const read = readManifests(readFileSync(fileOf(ground, file), 'utf8'), file);
    diagnostics.push(...read.diagnostics);
    objects.push(...(read.value ?? read.sound ?? []));
  }
  return checked(objects, diagnostics);
}

function manifestFiles(ground: Ground, folder: string): readonly string[] {
  const names = readdirSync(fileOf(ground, folder), { withFileTypes: true }).sort((a, b) =>
    compareText(a.name, b.name),
  );
  return names.flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    const file = path.posix.join(folder, entry.name);
    const isFolder = entry.isSymbolicLink()
      ? statSync(fileOf(ground, file)).isDirectory()
      : entry.isDirectory();
    if (isFolder) return manifestFiles(ground, file);
    return /\.(ya?ml|json)$/.test(entry.name) ? [file] : [];
  });
}

/** The objects in a text of YAML documents; Lists are taken apart. Documents of Toryo's own are passed over. */
export function readManifests(text: string, file: string): Checked<readonly RenderedObject[]> {
  const parsed = parseYaml(text, file);
  const diagnostics: Diagnostic[] = [...parsed.diagnostics];
  const objects: RenderedObject[] = [];
  for (const document of parsed.value ?? []) {
    const values = flattened(document.value);
    for (const [index, value] of values.entries()) {
      if (isForeign(value)) continue;
      const missing = missingIn(value);
      const from = values.length === 1 ? document.begins : { ...document.begins, path: `items[${index}]` };
      if (missing === undefined && isKubeObject(value)) objects.push({ object: withoutStatus(value), from });
      else diagnostics.push(problem('TRY-OBJ-001', document.locate([]), { missing: missing ?? 'a name' }));
    }
  }
  return checked(objects, diagnostics);
}

// What is not applied with `kubectl apply -f` either: kustomize's own files and Toryo's documents beside the manifests.
function isForeign(value: unknown): boolean {
  const version = objectAt(value)['apiVersion'];
  return (
    isString(version) && (version.startsWith('toryo.dev/') || version.startsWith('kustomize.config.k8s.io/'))
  );
}

function missingIn(value: unknown): string | undefined {
  if (!isObject(value)) return 'fields: it is not a mapping';
  const missing = ['apiVersion', 'kind'].filter((field) => !isString(value[field]) || value[field] === '');
  const name = objectAt(value, 'metadata')['name'];
  if (!isString(name) || name === '') missing.push('metadata.name');
  return missing.length === 0 ? undefined : missing.join(', ');
}

// Status is the server's: applied, it would be refused or fought over. CRDs are published with an empty one.
function withoutStatus(object: KubeObject): KubeObject {
  if (!('status' in object)) return object;
  const { status: _status, ...rest } = object;
  return rest;
}
