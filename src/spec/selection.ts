import { isArray, isObject } from '../lib/index.ts';

/** What a selector can see of a cluster. */
export interface Selectable {
  readonly name: string;
  readonly environment: string;
  readonly provider: string;
  readonly region: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Keys that every cluster has; a label may not be called like one. */
export const builtInKeys = ['environment', 'name', 'provider', 'region'] as const;

/** True when all keys of the selector match; a list means any of; `all` matches everything. */
export function isSelected(selector: unknown, cluster: Selectable): boolean {
  if (selector === 'all') return true;
  if (!isObject(selector)) return false;
  return Object.entries(selector).every(([key, wanted]) => {
    const found = valueOf(cluster, key);
    return isArray(wanted) ? wanted.includes(found) : wanted === found;
  });
}

function valueOf(cluster: Selectable, key: string): string | undefined {
  switch (key) {
    case 'environment':
      return cluster.environment;
    case 'name':
      return cluster.name;
    case 'provider':
      return cluster.provider;
    case 'region':
      return cluster.region;
    default:
      return Object.hasOwn(cluster.labels, key) ? cluster.labels[key] : undefined;
  }
}
