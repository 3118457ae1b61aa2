import { at, isArray, isObject, isString, nearest } from '../lib/index.ts';
import type { SourceDocument } from './document.ts';

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

/** A cluster that is there and has a mistake: what is known of it. A field left out may be anything. */
export interface Shadow {
  readonly name?: string;
  readonly environment?: string;
  readonly provider?: string;
  readonly region?: string;
  /** A label whose value is undefined may be anything; one that is missing is missing. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
}

/** The clusters that selectors choose from, and those that only their mistakes keep from being chosen. */
export interface Choice<C> {
  readonly clusters: readonly C[];
  readonly shadows: readonly Shadow[];
}

/** What a Cluster's document says in spite of its mistakes; an environment that the Fleet does not have may be any. */
export function shadowOf(document: SourceDocument, environments: readonly string[] | undefined): Shadow {
  const { value, name } = document;
  const texts = { provider: ['provider'], region: ['eks', 'region'] };
  const known = Object.entries(texts).flatMap(([key, path]) => {
    const text = at(value, 'spec', ...path);
    return isString(text) ? [[key, text] as const] : [];
  });
  const environment = at(value, 'spec', 'environment');
  const isKnown = isString(environment) && (environments?.includes(environment) ?? true);
  const labels = at(value, 'metadata', 'labels') ?? {};
  const texted = isObject(labels)
    ? Object.fromEntries(
        Object.entries(labels).map(([key, text]) => [key, isString(text) ? text : undefined]),
      )
    : undefined;
  return {
    ...Object.fromEntries(known),
    ...(name === '' ? {} : { name }),
    ...(isKnown ? { environment } : {}),
    ...(texted === undefined ? {} : { labels: texted }),
  };
}

/** True when the selector would match, were the unknown parts of the cluster right. */
export function mayBeSelected(selector: unknown, shadow: Shadow): boolean {
  if (selector === 'all') return true;
  if (!isObject(selector)) return false;
  return Object.entries(selector).every(([key, wanted]) => {
    const found = shadowValue(shadow, key);
    return found === 'anything' || (isArray(wanted) ? wanted.includes(found.is) : wanted === found.is);
  });
}

function shadowValue(shadow: Shadow, key: string): 'anything' | { readonly is: string | undefined } {
  const builtIn = builtInKeys.find((one) => one === key);
  if (builtIn !== undefined) return shadow[builtIn] === undefined ? 'anything' : { is: shadow[builtIn] };
  const { labels } = shadow;
  if (labels === undefined) return 'anything';
  if (!Object.hasOwn(labels, key)) return { is: undefined };
  return labels[key] === undefined ? 'anything' : { is: labels[key] };
}

/** What a selector that matches nothing may have meant: the nearest key or value of some cluster; empty when none is near. */
export function nearMiss(selector: unknown, clusters: readonly Selectable[]): string {
  if (!isObject(selector)) return '';
  for (const [key, wanted] of Object.entries(selector)) {
    const values = clusters.flatMap((cluster) => valueOf(cluster, key) ?? []);
    const texts = (isArray(wanted) ? wanted : [wanted]).filter(isString);
    const keys = clusters.flatMap((cluster) => [...builtInKeys, ...Object.keys(cluster.labels)]);
    const isMissed = !texts.some((text) => values.includes(text));
    const found = values.length === 0 ? nearest(key, keys) : nearest(texts[0] ?? '', values);
    if (isMissed && found !== undefined && found !== key) return found;
  }
  return '';
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
