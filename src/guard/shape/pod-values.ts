import { at, isString, listAt, type PathStep } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** A value that no API server takes, and what it is. */
export interface BadValue {
  readonly path: readonly PathStep[];
  readonly is: string;
}

const lists = ['initContainers', 'containers'] as const;

/** Values that are of the right type, or of none, and that the API server refuses: replicas, ports. */
export function badValues(object: KubeObject, path: readonly PathStep[]): readonly BadValue[] {
  const spec = at(object, ...path);
  const containers = lists.flatMap((list) =>
    listAt(spec, list).map((own, index) => ({ own, place: [...path, list, index] })),
  );
  return [...badReplicas(object), ...containers.flatMap(({ own, place }) => badPorts(own, place))];
}

function badReplicas(object: KubeObject): readonly BadValue[] {
  const found = at(object, 'spec', 'replicas');
  const isNegative = Number.isInteger(found) && Number(found) < 0;
  return isNegative ? [{ path: ['spec', 'replicas'], is: 'less than 0' }] : [];
}

const mostPort = 65_535;

function badPorts(container: unknown, place: readonly PathStep[]): readonly BadValue[] {
  return listAt(container, 'ports').flatMap((port, index) => {
    const name = at(port, 'name');
    const numbers = (['containerPort', 'hostPort'] as const)
      .filter((field) => isOutside(at(port, field)))
      .map((field) => ({ path: [...place, 'ports', index, field], is: `no port of 1 to ${mostPort}` }));
    const isNamed = !isString(name) || name === '' || isPortName(name);
    const is = 'no name of a port: at most 15 small letters, digits and -, one letter among them';
    return isNamed ? numbers : [...numbers, { path: [...place, 'ports', index, 'name'], is }];
  });
}

/** 0 is what the API server takes for a hostPort that is not said. */
function isOutside(value: unknown): boolean {
  return typeof value === 'number' && (value < 0 || value > mostPort);
}

function isPortName(name: string): boolean {
  return name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
}
