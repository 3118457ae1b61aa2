import { at, isArray, isObject, type JsonObject } from '../../lib/index.ts';
import { podOf, type KubeObject, type PodParts } from '../../objects/index.ts';
import { leavesImageVolumesOut, withImageVolumesBlank } from './image-volumes.ts';

/**
 * The pod of a Pod, or the pod that a controller makes, as Pod Security meets it: with the two defaults of the API server
 * that change a verdict (a volume without a source is an emptyDir; on the node's network a port is the node's), and with null for a
 * volume that API servers of a version (`1.33`) leave out. Undefined for what makes no pods.
 */
export function admittedPod(object: KubeObject, version?: string): PodParts | undefined {
  const pod = podOf(object);
  if (pod === undefined) return undefined;
  const spec = leavesImageVolumesOut(version) ? withImageVolumesBlank(pod.spec) : pod.spec;
  const volumes = mapObjects(spec['volumes'], withSource);
  const lists =
    spec['hostNetwork'] === true
      ? {
          containers: mapObjects(spec['containers'], withHostPorts),
          initContainers: mapObjects(spec['initContainers'], withHostPorts),
        }
      : {};
  return { metadata: pod.metadata, spec: { ...spec, volumes, ...lists } };
}

function mapObjects(list: unknown, map: (item: JsonObject) => JsonObject): unknown {
  return isArray(list) ? list.map((item) => (isObject(item) ? map(item) : item)) : list;
}

function withSource(volume: JsonObject): JsonObject {
  const hasSource = Object.entries(volume).some(([field, value]) => field !== 'name' && isObject(value));
  return hasSource ? volume : { ...volume, emptyDir: {} };
}

function withHostPorts(container: JsonObject): JsonObject {
  const ports = mapObjects(container['ports'], (port) =>
    (at(port, 'hostPort') ?? 0) === 0 ? { ...port, hostPort: port['containerPort'] } : port,
  );
  return ports === container['ports'] ? container : { ...container, ports };
}
