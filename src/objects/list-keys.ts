import { isObject } from '../lib/index.ts';

/** The name of an item in its list; undefined when it has none. */
export type ItemKey = (item: unknown) => string | undefined;

/** What names the items of the lists of that field, the first that fits all of them (x-kubernetes-list-map-keys of the API). */
const byField: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  subjects: [['kind', 'namespace', 'name']],
  volumeDevices: [['devicePath']],
  volumeMounts: [['mountPath']],
  rules: [['host']],
};

/** What names items elsewhere. */
const usual = ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'ip', 'uid'].map((key) => [key]);

/** What a key is when the object leaves it out. */
const defaults: Readonly<Record<string, string>> = { protocol: 'TCP', namespace: '' };

/** How items of two versions of one list are matched; undefined for lists that are compared as a whole. */
export function itemKeyOf(
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
): ItemKey | undefined {
  const field = /([\w-]+)$/.exec(path)?.[1] ?? '';
  const candidates = [...(byField[field] ?? []), ...usual];
  return candidates
    .map(
      (keys): ItemKey =>
        (item) =>
          nameOf(item, keys),
    )
    .find((key) => isUnique(before, key) && isUnique(after, key));
}

function nameOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined;
  const values = keys.map((key) => item[key] ?? defaults[key]);
  const isNamed = values.every((value) => typeof value === 'string' || typeof value === 'number');
  return isNamed
    ? values.filter((value, index) => value !== defaults[keys[index] ?? '']).join('/')
    : undefined;
}

function isUnique(list: readonly unknown[], key: ItemKey): boolean {
  const names = new Set(list.map(key));
  return !names.has(undefined) && names.size === list.length;
}
