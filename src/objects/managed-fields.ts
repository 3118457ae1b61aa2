import {
  isArray,
  isEqual,
  isObject,
  listAt,
  objectAt,
  parseJson,
  stringAt,
  stringsAt,
  type JsonObject,
} from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { below, isStoredAs, rootOf, type Place } from './stored-form.ts';

/**
 * True when applying `wanted` again as `manager` is certain to store what is there: its own entry in managedFields
 * (fieldsV1 of structured-merge-diff) has exactly the fields that are wanted, and each has the value that is wanted. False
 * where that cannot be told without asking the server. It says nothing about what differs.
 */
export function appliedUnchanged(live: KubeObject, wanted: KubeObject, manager: string): boolean {
  if (live.apiVersion !== wanted.apiVersion || live.kind !== wanted.kind) return false;
  const fields = appliedFields(live, manager, wanted.apiVersion);
  const [left, right] = wanted['stringData'] === undefined ? [wanted, live] : withoutTexts(wanted, live);
  const place = { ...rootOf(wanted), isShared: hasOthers(live, manager) };
  return fields !== undefined && isSameMap(fields, ownedPart(left), right, place);
}

/** True when the spec that is wanted is, by itself, stored as the one that is there: there is nothing more in it. */
export function isSpecStored(wanted: KubeObject, stored: KubeObject): boolean {
  return isStoredAs(wanted['spec'], stored['spec'], below(rootOf(wanted), 'spec'));
}

// A Secret's texts are owned as texts and stored as bytes.
function withoutTexts(wanted: KubeObject, live: KubeObject): readonly [KubeObject, KubeObject] {
  const texts = Object.entries(stringsAt(wanted, 'stringData'));
  const isWhole = texts.length === Object.keys(objectAt(wanted, 'stringData')).length;
  const encoded = texts.map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]);
  return [
    { ...wanted, stringData: isWhole ? Object.fromEntries(encoded) : null },
    { ...live, stringData: live['data'] },
  ];
}

/** What a manager applied, as fieldsV1; undefined unless there is exactly one such entry, in that version. */
function appliedFields(live: KubeObject, manager: string, apiVersion: string): JsonObject | undefined {
  const own = listAt(live, 'metadata', 'managedFields').filter(
    (entry) =>
      isObject(entry) &&
      entry['manager'] === manager &&
      entry['operation'] === 'Apply' &&
      entry['subresource'] === undefined,
  );
  const [entry] = own;
  if (own.length !== 1 || !isObject(entry) || stringAt(entry, 'apiVersion') !== apiVersion) return undefined;
  return isObject(entry['fieldsV1']) ? entry['fieldsV1'] : undefined;
}

/** True when others wrote to the object too: they may own the very list or map that is compared as a whole. */
function hasOthers(live: KubeObject, manager: string): boolean {
  return listAt(live, 'metadata', 'managedFields').some(
    (entry) => isObject(entry) && entry['manager'] !== manager && entry['subresource'] === undefined,
  );
}

/** The fields that applying makes somebody own: not what says which object it is. */
function ownedPart(wanted: KubeObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = wanted;
  const own = Object.entries(metadata).filter(
    ([name, value]) =>
      name !== 'name' && name !== 'namespace' && !(name === 'creationTimestamp' && value === null),
  );
  return own.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(own) };
}

/** Structs of which every field is owned by itself: owned while empty, they say nothing about what is in them. */
const openStructs = /^(spec|template) (.* )?(resources|securityContext|strategy|updateStrategy)$/;

function isSame(fields: JsonObject, wanted: unknown, live: unknown, place: Place): boolean {
  const members = Object.keys(fields).filter((key) => key !== '.');
  if (members.length === 0) return isSameLeaf(wanted, live, place);
  if (isObject(wanted)) return isObject(live) && isSameMap(fields, wanted, live, place);
  return isArray(wanted) && isArray(live) && isSameList({ fields, members }, wanted, live, place);
}

// A value without fields of its own: a scalar, something empty, or a list or map that is compared as a whole.
function isSameLeaf(wanted: unknown, live: unknown, place: Place): boolean {
  const isOpen = place.kind !== undefined && openStructs.test(place.path);
  if (isOpen && isObject(wanted) && Object.keys(wanted).length === 0) return isObject(live);
  // What is stored the same and written another way is a conflict with whoever owns it too.
  const isWhole = isArray(wanted) || isObject(wanted);
  return place.isShared === true && isWhole ? isEqual(wanted, live) : isStoredAs(wanted, live, place);
}

function isSameMap(fields: JsonObject, wanted: JsonObject, live: JsonObject, place: Place): boolean {
  const names = Object.keys(wanted).filter((name) => wanted[name] !== undefined);
  const owned = names.filter((name) => fields[`f:${name}`] !== undefined);
  if (owned.length !== Object.keys(fields).filter((key) => key !== '.').length) return false;
  return names.every((name) => {
    const child = fields[`f:${name}`];
    const stored = valueOf(live, name);
    if (child === undefined) return isSameNothing(wanted[name], stored, place);
    return isObject(child) && isSame(child, wanted[name], stored, below(place, name));
  });
}

// A list of items with owners of their own, when it is empty, makes nobody own anything.
function isSameNothing(wanted: unknown, live: unknown, place: Place): boolean {
  const isEmpty = isArray(wanted) && wanted.length === 0;
  return isEmpty && (isEqual(live, wanted) || (live === undefined && place.kind !== undefined));
}

function valueOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

interface Members {
  readonly fields: JsonObject;
  readonly members: readonly string[];
}

// Applying also puts items in the wanted order, whoever owns what stands between them.
function isSameList(
  owned: Members,
  wanted: readonly unknown[],
  live: readonly unknown[],
  place: Place,
): boolean {
  if (owned.members.length !== wanted.length) return false;
  const left = new Map(owned.members.map((member) => [member, selectorOf(member)]));
  let last = -1;
  return wanted.every((item) => {
    const [member, selects] = [...left].find(([, selects]) => selects?.(item, place) === true) ?? [];
    if (member === undefined || selects === undefined) return false;
    left.delete(member);
    const places = live.flatMap((other, index) => (selects(other) ? [index] : []));
    const [index = -1] = places;
    if (places.length !== 1 || index <= last) return false;
    last = index;
    const child = owned.fields[member];
    return isObject(child) && isSame(child, item, live[index], place);
  });
}

type Selector = (item: unknown, place?: Place) => boolean;

/** Which item a member of a list means: `k:{"name":"web"}` by key, `v:"a"` by value; indices mean nothing lasting. */
function selectorOf(member: string): Selector | undefined {
  const value = parseJson(member.slice(2));
  if (member.startsWith('v:') && value !== undefined) return (item) => isEqual(item, value);
  if (!member.startsWith('k:') || !isObject(value)) return undefined;
  const keys = Object.entries(value);
  return (item, place) =>
    isObject(item) && keys.every(([name, key]) => isEqual(item[name] ?? keyDefault(name, place), key));
}

// Only of what is wanted, and only in Kubernetes' own kinds: `ports` are told apart by protocol too.
function keyDefault(name: string, place: Place | undefined): string | undefined {
  return place?.kind !== undefined && name === 'protocol' ? 'TCP' : undefined;
}

/** The object without its managedFields, which are most of it: only who judges who wrote what needs them. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _fields, ...metadata } = object.metadata;
  return { ...object, metadata };
}
