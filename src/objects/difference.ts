import { canonical, isArray, isEqual, isObject, sha256, stringAt, type JsonObject } from '../lib/index.ts';
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
 * name, what only the server writes is left out, values of Secrets are shown as digests.
 */
export function difference(before: KubeObject | undefined, after: KubeObject): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before === undefined ? undefined : comparable(before), comparable(after), '', changes);
  return changes;
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
  return masked({ ...rest, metadata }, object.kind === 'Secret');
}

function masked(object: JsonObject, isSecret: boolean): JsonObject {
  if (!isSecret) return object;
  const fields = (['data', 'stringData'] as const).filter((field) => isObject(object[field]));
  return { ...object, ...Object.fromEntries(fields.map((field) => [field, maskedValues(object[field])])) };
}

function maskedValues(data: unknown): JsonObject {
  return Object.fromEntries(
    Object.entries(isObject(data) ? data : {}).map(([key, value]) => [
      key,
      `(hidden, ${sha256(canonical(value)).slice(0, 8)})`,
    ]),
  );
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
