import {
  at,
  canonical,
  isPlatformNamespace,
  objectAt,
  problem,
  warning,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../lib/index.ts';
import {
  imageNameOf,
  isNamespaced,
  mapImages,
  mapPodSpec,
  markOf,
  ownerName,
  pinnedImage,
  refOf,
  titleOf,
  withLabels,
  type CustomScopes,
  type KubeObject,
  type Manifest,
  type Owner,
} from '../objects/index.ts';
import { accountOf, filledSpec, shapeMistakes } from '../guard/index.ts';
import type { SecurityProfile, Whereabouts } from '../spec/index.ts';

/** An object as its source says it, and the line that does. */
export interface SourceObject {
  readonly object: KubeObject;
  readonly from: Origin;
  /** Where one of its fields stands, where the source is read as it is written. */
  readonly locate?: ((path: readonly PathStep[]) => Origin) | undefined;
}

/** The objects of one source. */
export interface SourceObjects extends ReadonlyArray<SourceObject> {
  /** Some more are there, and have mistakes. */
  readonly isPartial?: boolean;
}

/** What each owner renders to: owner's name -> cluster -> objects. */
export type Sources = ReadonlyMap<string, ReadonlyMap<string, SourceObjects>>;

/** An App or Addon on one cluster, as compile needs it. */
export interface Workload {
  readonly owner: Owner;
  readonly fleet: string;
  /** platform may write anywhere but into tenants' namespaces. */
  readonly isPlatform: boolean;
  readonly namespace: string;
  /** The namespace's Apps bring their own NetworkPolicies. */
  readonly hasOwnNetwork: boolean;
  readonly images: Readonly<Record<string, string>>;
  /** Digests of tags, from toryo.lock. */
  readonly pins: Readonly<Record<string, string>>;
  readonly without: readonly string[];
  /** Rules that a Waiver leaves out for this owner. */
  readonly waived: ReadonlySet<string>;
  /** The profile of a service account's pods, which fills what is not said. */
  readonly profile: (account: string) => SecurityProfile | undefined;
  readonly place: Whereabouts;
  /** `1.35`, of the fleet's newest cluster; undefined when no version is known. */
  readonly newest: string | undefined;
  readonly scopes: CustomScopes;
}

/** etcd's default --max-request-bytes. */
const largestObject = 1_572_864;
const megabyte = 1_048_576;

/** Kinds that a tenant's Apps may not write: the platform compiles them from the Tenant, or they reach every node. */
const platformKinds: ReadonlySet<string> = new Set(['ResourceQuota', 'LimitRange', 'DaemonSet', 'Namespace']);

/** The objects of an App or Addon as they are applied: namespaces filled in, images set, marks added, mistakes told. */
export function compileWorkload(
  sources: SourceObjects,
  workload: Workload,
  diagnostics: Diagnostic[],
): readonly Manifest[] {
  const mark = markOf(workload.owner, workload.fleet);
  const left = sources.filter((source) => !workload.without.some((what) => isNamed(source.object, what)));
  if (sources.isPartial !== true)
    diagnostics.push(...idleWithout(sources, workload), ...idleImages(left, workload));
  return left.map(({ object, from, locate }) => {
    const named = mapImages(inNamespace(object, workload), (image) => imageFor(image, workload));
    const filled: string[] = [];
    const placed = mapPodSpec(named, (spec) => {
      const { spec: whole, paths } = filledSpec(spec, workload.profile(accountOf({ spec })));
      filled.push(...paths);
      return whole;
    });
    diagnostics.push(...mistakes(placed, { from, locate }, workload));
    const manifest = {
      object: withLabels(placed, mark),
      from,
      owner: workload.owner,
      ...(locate === undefined ? {} : { locate }),
    };
    return filled.length === 0 ? manifest : { ...manifest, filled };
  });
}

function isNamed(object: KubeObject, what: string): boolean {
  return what === `${object.kind}/${object.metadata.name}`;
}

function imageFor(image: string, { images, pins }: Workload): string {
  const name = imageNameOf(image);
  return pinnedImage(Object.hasOwn(images, name) ? (images[name] ?? image) : image, pins);
}

function inNamespace(object: KubeObject, workload: Workload): KubeObject {
  const isIn = isNamespaced(object, workload.scopes);
  const { namespace, ...metadata } = object.metadata;
  if (!isIn) return namespace === undefined ? object : { ...object, metadata };
  return namespace === undefined
    ? { ...object, metadata: { ...metadata, namespace: workload.namespace } }
    : object;
}

function idleWithout(sources: readonly SourceObject[], workload: Workload): readonly Diagnostic[] {
  return workload.without.flatMap((what, index) => {
    if (sources.some((source) => isNamed(source.object, what))) return [];
    return [problem('TRY-OBJ-008', workload.place.locate(['without', index]), { what })];
  });
}

function idleImages(sources: readonly SourceObject[], workload: Workload): readonly Diagnostic[] {
  const names = Object.keys(workload.images);
  if (names.length === 0) return [];
  const found = new Set<string>();
  for (const { object } of sources) {
    mapImages(object, (image) => {
      found.add(imageNameOf(image));
      return image;
    });
  }
  return names
    .filter((name) => !found.has(name))
    .map((image) => problem('TRY-OBJ-009', workload.place.locate(['images', image], 'key'), { image }));
}

function mistakes(
  object: KubeObject,
  { from, locate = () => from }: Pick<SourceObject, 'from' | 'locate'>,
  workload: Workload,
): readonly Diagnostic[] {
  const title = titleOf(refOf(object));
  const app = ownerName(workload.owner);
  const isForbidden = !workload.isPlatform && platformKinds.has(object.kind);
  const shape = isForbidden ? [] : shapeMistakes(object, workload.newest);
  return [
    ...(workload.isPlatform ? [] : tenantMistakes(object, from, workload)),
    ...secretMistakes(object, from, workload),
    ...sizeMistakes(object, title, from),
    ...shape.map(({ path, sentence: why }) => problem('TRY-OBJ-013', locate(path), { object: title, why })),
    ...networkMistakes(object, title, from, workload),
    ...(isForbidden ? [problem('TRY-OBJ-010', from, { object: title, app })] : []),
  ];
}

function tenantMistakes(object: KubeObject, from: Origin, workload: Workload): readonly Diagnostic[] {
  const { namespace } = object.metadata;
  const title = titleOf(refOf(object));
  const app = ownerName(workload.owner);
  if (namespace === undefined)
    return platformKinds.has(object.kind) ? [] : [problem('TRY-OBJ-003', from, { object: title, app })];
  return namespace === workload.namespace
    ? []
    : [problem('TRY-OBJ-002', from, { object: title, app, namespace: workload.namespace })];
}

function secretMistakes(object: KubeObject, from: Origin, workload: Workload): readonly Diagnostic[] {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return [];
  const hasValues = ['data', 'stringData'].some((field) => Object.keys(objectAt(object, field)).length > 0);
  if (!hasValues) return [];
  const make = workload.waived.has('TRY-OBJ-005') ? warning : problem;
  return [make('TRY-OBJ-005', from, { object: titleOf(refOf(object)) })];
}

function sizeMistakes(object: KubeObject, title: string, from: Origin): readonly Diagnostic[] {
  // Few objects are large: what cannot be is not measured.
  const isSmall =
    object.kind !== 'CustomResourceDefinition' &&
    at(object, 'data') === undefined &&
    at(object, 'binaryData') === undefined;
  if (isSmall) return [];
  const size = Buffer.byteLength(canonical(object));
  if (size <= largestObject) return [];
  return [
    problem('TRY-OBJ-006', from, {
      object: title,
      size: `${(size / megabyte).toFixed(1)} MiB`,
      limit: '1.5 MiB',
    }),
  ];
}

function networkMistakes(
  object: KubeObject,
  title: string,
  from: Origin,
  workload: Workload,
): readonly Diagnostic[] {
  const isRefused = object.kind === 'NetworkPolicy' && !workload.isPlatform && !workload.hasOwnNetwork;
  return isRefused ? [problem('TRY-OBJ-007', from, { object: title, namespace: workload.namespace })] : [];
}

/** Objects of the platform in a namespace that a tenant has on the cluster. */
export function intrusions(
  manifests: readonly Manifest[],
  tenantOf: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  return manifests.flatMap(({ object, from, owner }) => {
    const { namespace } = object.metadata;
    const tenant = namespace === undefined ? undefined : tenantOf.get(namespace);
    const isOwn = 'tenant' in owner && owner.tenant === tenant;
    if (namespace === undefined || tenant === undefined || isOwn || isPlatformNamespace(namespace)) return [];
    const args = { object: titleOf(refOf(object)), app: ownerName(owner), tenant };
    return [problem('TRY-OBJ-012', from, args)];
  });
}
