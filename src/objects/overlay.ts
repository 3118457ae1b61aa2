import { isArray, isEqual, isObject, type JsonObject } from '../lib/index.ts';
import { itemKeyOf } from './list-keys.ts';
import type { KubeObject } from './manifest.ts';

/**
 * What is there with what is wanted laid over it: fields that only the server or others wrote stay. A guess where nobody can be
 * asked: a field that left the manifest stays too.
 */
export function overlay(live: KubeObject, wanted: KubeObject): KubeObject {
  const { apiVersion, kind } = wanted;
  const metadata = { ...live.metadata, ...overObject(live.metadata, wanted.metadata, 'metadata') };
  const name = wanted.metadata.name;
  return { ...overObject(live, plainSecret(wanted), ''), apiVersion, kind, metadata: { ...metadata, name } };
}

/** A Secret as the server stores it: texts become data. */
function plainSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (object.kind !== 'Secret' || !isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const,
  );
  const data = isObject(rest['data']) ? rest['data'] : {};
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } };
}

function overObject(live: JsonObject, wanted: JsonObject, path: string): JsonObject {
  const entries = Object.entries(wanted)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, over(live[key], value, `${path}.${key}`)] as const);
  return { ...live, ...Object.fromEntries(entries) };
}

function over(live: unknown, wanted: unknown, path: string): unknown {
  if (isObject(live) && isObject(wanted)) return overObject(live, wanted, path);
  if (isArray(live) && isArray(wanted)) return overList(live, wanted, path);
  const isText = typeof live === 'string' && (typeof wanted === 'number' || typeof wanted === 'string');
  return isText && String(wanted) === live ? live : wanted;
}

function overList(live: readonly unknown[], wanted: readonly unknown[], path: string): unknown {
  const key = itemKeyOf(path, live, wanted);
  if (key === undefined || isEqual(live, wanted)) return wanted;
  const mine = new Map(wanted.map((item) => [key(item), item]));
  const kept = live.map((item) => (mine.has(key(item)) ? over(item, mine.get(key(item)), path) : item));
  const there = new Set(live.map(key));
  return [...kept, ...wanted.filter((item) => !there.has(key(item)))];
}
