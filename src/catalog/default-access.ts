import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failure, isString, listAt, objectAt, parseJson, stringAt, stringsAt } from '../lib/index.ts';
import { isKubeObject, type KubeObject } from '../objects/index.ts';

const file = 'default-access.json';
const made = new Map<string, readonly KubeObject[]>();

/**
 * Roles and bindings that every API server of a minor (`1.35`) makes when it starts, as objects; of the newest minor that is
 * known where that one is not, or none is said. Not what a cloud's own clusters have besides (`eks:…`).
 */
export function defaultAccess(minor: string | undefined): readonly KubeObject[] {
  const known = made.get(minor ?? '');
  if (known !== undefined) return known;
  const data = parseJson(
    readFileSync(fileURLToPath(new URL(`../../catalog/${file}`, import.meta.url)), 'utf8'),
  );
  const minors = listAt(data, 'minors').filter(isString);
  const as = minors.find((one) => one === minor) ?? minors.at(-1);
  const rows = listAt(data, 'objects').filter((row) => isIn(row, as));
  const objects = rows.map(objectFrom);
  made.set(minor ?? '', objects);
  return objects;
}

function isIn(row: unknown, minor: string | undefined): boolean {
  const minors = listAt(row, 'minors');
  return minors.length === 0 || minors.includes(minor);
}

function objectFrom(row: unknown): KubeObject {
  const { kind, name, namespace, labels: _labels, minors: _minors, ...parts } = objectAt(row);
  const object = {
    ...parts,
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...stringsAt(row, 'labels') },
    },
  };
  if (isKubeObject(object)) return object;
  throw failure('TORYO_INTERNAL', {
    why: `catalog/${file}: ${stringAt(row, 'name') ?? 'a row'} is no object`,
  });
}
