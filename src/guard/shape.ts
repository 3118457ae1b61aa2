import { at, isArray, isObject, isString, listAt, pathText, type PathStep } from '../lib/index.ts';
import { podSpecPath, type KubeObject } from '../objects/index.ts';
import { badValues } from './pod-values.ts';

/** What a field must be. */
type Shape =
  | 'truth'
  | 'number'
  | 'text'
  | { readonly each: 'number' | 'text' }
  | { readonly fields: Fields }
  | { readonly items: Fields; readonly isNamed?: boolean };

type Fields = Readonly<Record<string, Shape>>;

const anything: Shape = { fields: {} };

const shared: Fields = {
  runAsNonRoot: 'truth',
  runAsUser: 'number',
  runAsGroup: 'number',
  seccompProfile: { fields: { type: 'text', localhostProfile: 'text' } },
  appArmorProfile: { fields: { type: 'text', localhostProfile: 'text' } },
  seLinuxOptions: { fields: { type: 'text', user: 'text', role: 'text', level: 'text' } },
  windowsOptions: { fields: { hostProcess: 'truth' } },
};

const container: Fields = {
  image: 'text',
  ports: { items: { containerPort: 'number', hostPort: 'number' } },
  volumeMounts: { items: { name: 'text', readOnly: 'truth' } },
  resources: { fields: { requests: anything, limits: anything } },
  securityContext: {
    fields: {
      ...shared,
      privileged: 'truth',
      allowPrivilegeEscalation: 'truth',
      readOnlyRootFilesystem: 'truth',
      procMount: 'text',
      capabilities: { fields: { add: { each: 'text' }, drop: { each: 'text' } } },
    },
  },
};

const podSpec: Fields = {
  hostNetwork: 'truth',
  hostPID: 'truth',
  hostIPC: 'truth',
  runtimeClassName: 'text',
  serviceAccountName: 'text',
  securityContext: {
    fields: {
      ...shared,
      fsGroup: 'number',
      supplementalGroups: { each: 'number' },
      sysctls: { items: { name: 'text', value: 'text' } },
    },
  },
  containers: { items: container, isNamed: true },
  initContainers: { items: container, isNamed: true },
  ephemeralContainers: { items: container, isNamed: true },
  volumes: { items: { hostPath: { fields: { path: 'text' } } }, isNamed: true },
};

/** What of a pod, or of what makes pods, an API server would not take: fields that the rules read and that are of another type. */
export function shapeMistakes(object: KubeObject): readonly string[] {
  const path = podSpecPath(object);
  if (path === undefined) return [];
  const above = path.findIndex((_, index) => !isObject(at(object, ...path.slice(0, index + 1))));
  if (above >= 0) return [mistake(path.slice(0, above + 1), 'no object')];
  const spec = at(object, ...path);
  const containers = at(spec, 'containers') ?? [];
  const isBare = isArray(containers) && containers.length === 0;
  return [
    ...(isBare ? [mistake([...path, 'containers'], 'empty, and a pod needs one container')] : []),
    ...inFields(spec, podSpec, path),
    ...namesakes(spec, path),
    ...badValues(object, path).map((one) => mistake(one.path, one.is)),
  ];
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function namesakes(spec: unknown, path: readonly PathStep[]): readonly string[] {
  const all = containerLists.flatMap((list) =>
    listAt(spec, list).map((one, index) => ({ name: at(one, 'name'), path: [...path, list, index, 'name'] })),
  );
  const first = new Map(all.toReversed().map((one) => [one.name, one]));
  return all
    .filter((one) => isString(one.name) && one.name !== '' && first.get(one.name) !== one)
    .map((one) => mistake(one.path, 'the name of another container too'));
}

function mistake(path: readonly PathStep[], is: string): string {
  return `${pathText(path)} is ${is}: the API server would not take it`;
}

function inFields(value: unknown, fields: Fields, path: readonly PathStep[]): readonly string[] {
  return Object.entries(fields).flatMap(([field, shape]) => {
    const found = at(value, field);
    // An API server reads null as if the field were not there.
    return found === undefined || found === null ? [] : inShape(found, shape, [...path, field]);
  });
}

const isOfType = {
  truth: (value: unknown) => typeof value === 'boolean',
  number: (value: unknown) => Number.isInteger(value),
  text: isString,
} as const;

const wrong = { truth: 'neither true nor false', number: 'no whole number', text: 'no text' } as const;

function inShape(value: unknown, shape: Shape, path: readonly PathStep[]): readonly string[] {
  if (typeof shape === 'string') return isOfType[shape](value) ? [] : [mistake(path, wrong[shape])];
  if ('fields' in shape)
    return isObject(value) ? inFields(value, shape.fields, path) : [mistake(path, 'no object')];
  if ('items' in shape) return inItems(value, shape, path);
  const isGood = isArray(value) && value.every(isOfType[shape.each]);
  return isGood ? [] : [mistake(path, `no list of ${shape.each}s`)];
}

function inItems(
  value: unknown,
  { items, isNamed: mustBeNamed = false }: { readonly items: Fields; readonly isNamed?: boolean },
  path: readonly PathStep[],
): readonly string[] {
  if (!isArray(value) || !value.every(isObject)) return [mistake(path, 'no list of objects')];
  return value.flatMap((one, index) => [
    ...(mustBeNamed && !isNamed(one) ? [mistake([...path, index], 'without a name')] : []),
    ...inFields(one, items, [...path, index]),
  ]);
}

function isNamed(value: unknown): boolean {
  const name = at(value, 'name');
  return isString(name) && name !== '';
}
