import { canonical, isArray, isEqual, isObject, sha256, stringAt, type JsonObject } from '../lib/index.ts';
import { itemKeyOf, type ItemKey } from './list-keys.ts';
import type { KubeObject } from './manifest.ts';

/** One field that differs; undefined on a side means that it is not there. */
export interface FieldChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly ownedBy?: string;
}

const serverFields = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
  'selfLink',
]);

/**
 * What differs between what is stored and what would be, field by field: items of lists of named things are matched by
 * name, what only the server writes is left out, values of Secrets are digests that only who can read the Secret could compute.
 */
export function difference(before: KubeObject | undefined, after: KubeObject): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before === undefined ? undefined : comparable(before), comparable(after), '', changes);
  const salt = stringAt(before, 'metadata', 'uid') ?? '';
  return isSecret(after) ? changes.map((change) => hidden(change, salt)) : changes;
}

/** True when the server would store the same. */
export function isSame(before: KubeObject, after: KubeObject): boolean {
  return isEqual(comparable(before), comparable(after));
}

function comparable(object: KubeObject): JsonObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !serverFields.has(key)),
  );
  const { status: _status, ...rest } = object;
  return { ...rest, metadata };
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

// kubectl's client-side apply keeps the whole Secret in an annotation.
const secretPath = /^(data|stringData)\b|^metadata\.annotations$|last-applied-configuration/;
const mask = '(hidden)';

function hidden(change: FieldChange, salt: string): FieldChange {
  const { path, before, after } = change;
  if (path === '') return { ...change, before: hiddenIn(before, salt), after: hiddenIn(after, salt) };
  return secretPath.test(path)
    ? { ...change, before: masked(before, salt), after: masked(after, salt) }
    : change;
}

/** A value as it may be shown: those of Secrets are not. */
export function shownValue(object: KubeObject, path: string, value: unknown): unknown {
  return value !== undefined && isSecret(object) && secretPath.test(path) ? mask : value;
}

function hiddenIn(object: unknown, salt: string): unknown {
  if (!isObject(object)) return object;
  const fields = ['data', 'stringData'].filter((field) => object[field] !== undefined);
  const { metadata } = object;
  return {
    ...object,
    ...Object.fromEntries(fields.map((field) => [field, masked(object[field], salt)])),
    ...(isObject(metadata)
      ? { metadata: { ...metadata, annotations: masked(metadata['annotations'], salt) } }
      : {}),
  };
}

// Without the uid of what is there, short values could be guessed from their digest.
function masked(value: unknown, salt: string): unknown {
  if (value === undefined) return undefined;
  if (!isObject(value)) return `sha256:${sha256(canonical([salt, value])).slice(0, 12)}`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, salt)]));
}

/** The text without the values of a Secret, plain or encoded: servers quote what they refuse. Other objects keep theirs. */
export function withoutSecrets(text: string, object: KubeObject): string {
  if (!isSecret(object)) return text;
  const values = [object['data'], object['stringData']].flatMap((data) =>
    Object.values(isObject(data) ? data : {}),
  );
  const forms = values.flatMap((value) => {
    const plain = typeof value === 'string' ? value : canonical(value);
    return [plain, fromBase64(plain), JSON.stringify(plain).slice(1, -1)].filter((form) => form !== '');
  });
  return [...new Set(forms)]
    .sort((left, right) => right.length - left.length)
    .reduce((left, form) => left.replaceAll(form, mask), text);
}

function fromBase64(text: string): string {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : '';
}

function compare(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (isEqual(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[key], after[key], joined(path, key), changes);
    return;
  }
  const lists = isArray(before) && isArray(after) ? { before, after } : undefined;
  const key = lists && itemKeyOf(path, lists.before, lists.after);
  if (lists !== undefined && key !== undefined) compareItems({ ...lists, key, path }, changes);
  else changes.push({ path, before, after });
}

function compareItems(
  lists: { before: readonly unknown[]; after: readonly unknown[]; key: ItemKey; path: string },
  changes: FieldChange[],
): void {
  const byKey = (list: readonly unknown[]) => new Map(list.map((item) => [lists.key(item), item]));
  const [before, after] = [byKey(lists.before), byKey(lists.after)];
  const counted = changes.length;
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compare(before.get(name), after.get(name), `${lists.path}[${name}]`, changes);
  if (changes.length === counted)
    changes.push({ path: lists.path, before: [...before.keys()], after: [...after.keys()] });
}

function joined(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Who wrote an object last, and when, by its managedFields: `kubectl-edit, 2026-01-31T10:32:00Z`. */
export function lastWriter(object: KubeObject): string {
  const fields = object.metadata['managedFields'];
  const writes = (isArray(fields) ? fields : []).map((entry) => ({
    manager: stringAt(entry, 'manager') ?? 'unknown',
    time: stringAt(entry, 'time') ?? '',
  }));
  const last = writes.toSorted((left, right) => (left.time < right.time ? 1 : -1))[0];
  return last === undefined ? 'nobody known' : `${last.manager}, ${last.time}`;
}
