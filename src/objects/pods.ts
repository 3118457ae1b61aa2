import { at, isArray, isObject, objectAt, stringsAt, type JsonObject } from '../lib/index.ts';
import { isBuiltIn, type KubeObject } from './manifest.ts';

/** Where the pod's spec stands in each kind that makes pods. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** The path of the pod's spec in an object of that kind; undefined for kinds that make no pods. */
function podPathOf(kind: string): readonly string[] | undefined {
  return podPaths[kind];
}

/** The pod's spec in an object, undefined when it has none. */
export function podSpecOf(object: KubeObject): JsonObject | undefined {
  const path = podPathOf(object.kind);
  const spec = path === undefined ? undefined : at(object, ...path);
  return isObject(spec) ? spec : undefined;
}

/** What a pod says of itself, and what it is to run. */
export interface PodParts {
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
}

/** The Pod itself, or the pod of a controller's template; undefined for other kinds, and where no spec is written. */
export function podOf(object: KubeObject): PodParts | undefined {
  const path = podPathOf(object.kind);
  const spec = podSpecOf(object);
  if (path === undefined || spec === undefined || !isBuiltIn(object)) return undefined;
  return { metadata: objectAt(object, ...path.slice(0, -1), 'metadata'), spec };
}

/** True for the kinds that make pods, or are one. */
export function makesPods(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return podPathOf(object.kind) !== undefined && isBuiltIn(object);
}

/** The labels of the pods that an object makes; empty for kinds that make none. */
export function podLabelsOf(object: KubeObject): Readonly<Record<string, string>> {
  const path = podPathOf(object.kind);
  return path === undefined ? {} : stringsAt(object, ...path.slice(0, -1), 'metadata', 'labels');
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The object with each container's image mapped; the same object when nothing changes. */
export function mapImages(object: KubeObject, map: (image: string) => string): KubeObject {
  const path = podPathOf(object.kind);
  if (path === undefined) return object;
  const changed = mapAt(object, path, (pod) => {
    const lists = containerLists
      .filter((list) => isArray(pod[list]))
      .map((list) => [list, mapContainers(pod[list], map)] as const);
    return lists.every(([list, mapped]) => mapped === pod[list])
      ? pod
      : { ...pod, ...Object.fromEntries(lists) };
  });
  return changed === object ? object : { ...object, ...changed };
}

/** The object with the spec of its pod mapped; the same object when nothing changes, or when it makes no pods. */
export function mapPodSpec(object: KubeObject, map: (spec: JsonObject) => JsonObject): KubeObject {
  const path = isBuiltIn(object) ? podPathOf(object.kind) : undefined;
  if (path === undefined) return object;
  const changed = mapAt(object, path, map);
  return changed === object ? object : { ...object, ...changed };
}

/** Where the spec of an object's pod stands; undefined for what makes none. */
export function podSpecPath(object: Pick<KubeObject, 'apiVersion' | 'kind'>): readonly string[] | undefined {
  return isBuiltIn(object) ? podPathOf(object.kind) : undefined;
}

function mapContainers(list: unknown, map: (image: string) => string): unknown {
  if (!isArray(list)) return list;
  const mapped = list.map((container) => {
    const image = at(container, 'image');
    if (!isObject(container) || typeof image !== 'string') return container;
    const to = map(image);
    return to === image ? container : { ...container, image: to };
  });
  return mapped.every((item, index) => item === list[index]) ? list : mapped;
}

function mapAt(
  value: JsonObject,
  path: readonly string[],
  map: (value: JsonObject) => JsonObject,
): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return map(value);
  const inner = value[step];
  if (!isObject(inner)) return value;
  const mapped = mapAt(inner, rest, map);
  return mapped === inner ? value : { ...value, [step]: mapped };
}

/** `registry.example.com/shop/web` of an image with or without tag and digest. */
export function imageNameOf(image: string): string {
  const name = image.split('@')[0] ?? image;
  const tag = name.indexOf(':', name.lastIndexOf('/') + 1);
  return tag < 0 ? name : name.slice(0, tag);
}
