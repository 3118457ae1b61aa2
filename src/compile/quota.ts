import { at, boundsName, type PathStep } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Limits, TenantNamespace } from '../spec/index.ts';

/** ResourceQuota and LimitRange of a namespace, where it asks for them. */
export function quotaObjects(namespace: TenantNamespace): readonly KubeObject[] {
  const metadata = { name: boundsName, namespace: namespace.name };
  const objects: KubeObject[] = [];
  if (namespace.quota !== undefined) {
    objects.push({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: { hard: hardLimits(namespace.quota) },
    });
  }
  const limits = namespace.limits === undefined ? [] : limitItems(namespace.limits);
  if (limits.length > 0) objects.push({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } });
  return objects;
}

/** cpu and memory alone mean requests in ResourceQuota too; written out, nobody has to know. */
export const shortKeys: Readonly<Record<string, string>> = { cpu: 'requests.cpu', memory: 'requests.memory' };

/** How a Tenant's quota writes a resource of the ResourceQuota that is compiled from it: `cpu` for `requests.cpu`. */
export function quotaKey(resource: string, quota: unknown): string {
  const short = Object.keys(shortKeys).find((key) => shortKeys[key] === resource) ?? resource;
  return at(quota, resource) === undefined ? short : resource;
}

function hardLimits(quota: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  const entries = Object.entries(quota).map(
    ([key, value]) => [shortKeys[key] ?? key, String(value)] as const,
  );
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

const types = { container: 'Container', pod: 'Pod', persistentVolumeClaim: 'PersistentVolumeClaim' } as const;
const limitKeys = ['container', 'pod', 'persistentVolumeClaim'] as const;

/** Where a Tenant's namespace says what stands at a path of the ResourceQuota or LimitRange that is compiled from it. */
export function boundsSteps(
  object: KubeObject,
  [, , first = '', ...rest]: readonly PathStep[],
  quota: unknown,
): readonly PathStep[] {
  if (object.kind === 'ResourceQuota') return ['quota', quotaKey(String(first), quota)];
  const type = at(object, 'spec', 'limits', first, 'type');
  const key = limitKeys.find((one) => types[one] === type) ?? '';
  return ['limits', key, ...rest];
}

function limitItems(limits: Limits): readonly Readonly<Record<string, unknown>>[] {
  return limitKeys.flatMap((key) => {
    const set = limits[key];
    if (set === undefined) return [];
    const fields = Object.entries(set).map(([field, values]) => [field, texts(values)]);
    return [{ type: types[key], ...Object.fromEntries(fields) }];
  });
}

function texts(values: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
