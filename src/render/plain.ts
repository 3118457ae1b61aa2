import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  at,
  checked,
  compareText,
  isObject,
  isString,
  objectAt,
  parseYaml,
  problem,
  type Checked,
  type Diagnostic,
  type Origin,
  type PathStep,
  type YamlDocument,
} from '../lib/index.ts';
import { flattened, generatedName, isKubeObject, listItems, type KubeObject } from '../objects/index.ts';
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

/**
 * The objects in a text of YAML documents; Lists are taken apart. Documents of Toryo's own are passed over. `isGenerated`: objects may
 * leave their names to the API server; they are called `web-*`.
 */
export function readManifests(
  text: string,
  file: string,
  { isGenerated = false }: { readonly isGenerated?: boolean } = {},
): Checked<readonly RenderedObject[]> {
  const parsed = parseYaml(text, file);
  const diagnostics: Diagnostic[] = [...parsed.diagnostics];
  const objects: RenderedObject[] = [];
  for (const { value: written, from, place } of (parsed.value ?? []).flatMap(placedIn)) {
    if (isForeign(written)) continue;
    const value = isGenerated ? withGeneratedName(written) : written;
    const missing = missingIn(value);
    if (missing === undefined && isKubeObject(value))
      objects.push({ object: withoutStatus(value), from, locate: place?.locate });
    else diagnostics.push(unnamed(from, place, missing));
  }
  return checked(objects, diagnostics);
}

/** An object of a document; no `place`: it is in a List of a List. */
interface Written {
  readonly value: unknown;
  readonly from: Origin;
  readonly place?: Pick<YamlDocument, 'value' | 'plainText' | 'locate'> | undefined;
}

/** The objects of a document, and where each begins: its items when it is a List. */
function placedIn(document: YamlDocument): readonly Written[] {
  const items = listItems(document.value);
  if (items === undefined)
    return [{ value: document.value, from: document.begins, place: placeIn(document, []) }];
  const places = document.itemsBegin(['items']);
  return items.flatMap((item, index) =>
    flattened(item).map((value) => ({
      value,
      from: { ...(places[index] ?? document.begins), path: `items[${index}]` },
      place: value === item ? placeIn(document, ['items', index]) : undefined,
    })),
  );
}

/** A document seen from one of its objects. */
function placeIn(document: YamlDocument, base: readonly PathStep[]): Written['place'] {
  return {
    value: at(document.value, ...base),
    locate: (path, part) => document.locate([...base, ...path], part),
    plainText: (path) => document.plainText([...base, ...path]),
  };
}

function withGeneratedName(value: unknown): unknown {
  const metadata = objectAt(value, 'metadata');
  const { name, generateName } = metadata;
  if (!isObject(value) || (name !== undefined && name !== null && name !== '')) return value;
  if (!isString(generateName) || generateName === '') return value;
  return { ...value, metadata: { ...metadata, name: generatedName(generateName) } };
}

/** What an object lacks; a name that is there, and that YAML reads as something else (`y`, `1`), is to be quoted. */
function unnamed(from: Origin, place: Written['place'], missing = 'a name'): Diagnostic {
  const path = ['metadata', 'name'];
  const [name, text] = [at(place?.value, ...path), place?.plainText(path)];
  if (place === undefined || text === undefined || (typeof name !== 'boolean' && typeof name !== 'number'))
    return problem('TRY-OBJ-001', from, { missing });
  return problem('TRY-SPEC-003', place.locate(path), { text, read: `${typeof name} ${name}` });
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
