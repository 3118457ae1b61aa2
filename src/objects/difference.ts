import { canonical, isArray, isEqual, isObject, stringAt, type JsonObject } from '../lib/index.ts';
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

/** Keys that say which item of a list is which, the first that all items have. */
const itemKeys = ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'ip', 'uid'] as const;

/**
 * What differs between what is stored and what would be, field by field: items of lists of named things are matched by
 * name, what only the server writes is left out, values of Secrets are hidden.
 */
export function difference(before: KubeObject | undefined, after: KubeObject): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before === undefined ? undefined : comparable(before), comparable(after), '', changes);
  return isSecret(after) ? changes.map(hidden) : changes;
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

function hidden(change: FieldChange): FieldChange {
  const { path, before, after } = change;
  if (path === '') return { ...change, before: hiddenIn(before), after: hiddenIn(after) };
  return secretPath.test(path) ? { ...change, before: masked(before), after: masked(after) } : change;
}

/** A value as it may be shown: those of Secrets are not. */
export function shownValue(object: KubeObject, path: string, value: unknown): unknown {
  return isSecret(object) && secretPath.test(path) ? masked(value) : value;
}

function hiddenIn(object: unknown): unknown {
  if (!isObject(object)) return object;
  const fields = ['data', 'stringData'].filter((field) => object[field] !== undefined);
  const { metadata } = object;
  return {
    ...object,
    ...Object.fromEntries(fields.map((field) => [field, masked(object[field])])),
    ...(isObject(metadata)
      ? { metadata: { ...metadata, annotations: masked(metadata['annotations']) } }
      : {}),
  };
}

function masked(value: unknown): unknown {
  if (!isObject(value)) return value === undefined ? undefined : mask;
  return Object.fromEntries(Object.keys(value).map((key) => [key, mask]));
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
  const key = isArray(before) && isArray(after) ? itemKey([...before, ...after]) : undefined;
  if (key !== undefined && isArray(before) && isArray(after))
    compareItems({ before, after, key, path }, changes);
  else changes.push({ path, before, after });
}

function compareItems(
  lists: { before: readonly unknown[]; after: readonly unknown[]; key: string; path: string },
  changes: FieldChange[],
): void {
  const byKey = (list: readonly unknown[]) =>
    new Map(list.map((item) => [isObject(item) ? String(item[lists.key]) : '', item]));
  const [before, after] = [byKey(lists.before), byKey(lists.after)];
  const counted = changes.length;
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compare(before.get(name), after.get(name), `${lists.path}[${name}]`, changes);
  if (changes.length === counted)
    changes.push({ path: lists.path, before: [...before.keys()], after: [...after.keys()] });
}

function itemKey(items: readonly unknown[]): string | undefined {
  return itemKeys.find((key) =>
    items.every((item) => isObject(item) && (typeof item[key] === 'string' || typeof item[key] === 'number')),
  );
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
