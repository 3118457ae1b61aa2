import { listed, note, type Diagnostic, type DiagnosticCode } from '../lib/index.ts';
import { ownerName } from '../objects/index.ts';
import type { Addon, App, Fleet } from '../spec/index.ts';
import { hasOurNodes } from './capacity.ts';
import { namespacesText } from './hidden-sums.ts';
import type { Sources } from './workload.ts';

/** How much of a fleet with mistakes could not be looked at. */
export interface Unjudged {
  /** Of which nothing, or not everything, became manifests. */
  readonly uncompiled: {
    readonly Cluster: number;
    readonly Tenant: number;
    readonly App: number;
    readonly Addon: number;
  };
  /** Apps that were not held against guards. */
  readonly unheld: number;
  /** Waivers with mistakes may let in what guards refuse. */
  readonly hasDoubts: boolean;
  /** Namespace -> clusters on which its quotas were not held against what is to be in it. */
  readonly unsummed: ReadonlyMap<string, readonly string[]>;
  /** Clusters of which the nodes were not held against the quotas. */
  readonly unbalanced: readonly string[];
  /** Nothing is hidden by mistakes. */
  readonly isWhole: boolean;
}

/** What is concluded from something that is not there, or from all that is: where mistakes hide things, it may be otherwise. */
const fromAbsence: ReadonlySet<DiagnosticCode> = new Set(['TRY-SEC-052', 'TRY-SEC-055', 'TRY-NET-002']);

/** Counts what its own mistakes, or those of what it needs, keep from being judged. */
export function unjudgedIn(
  fleet: Fleet,
  sources: Sources,
  found: Pick<Unjudged, 'hasDoubts' | 'unsummed'> & { readonly unheld: ReadonlySet<string> },
): Unjudged {
  const titles = fleet.leftOut?.titles ?? [];
  const left = (kind: string): number => titles.filter((title) => title.startsWith(`${kind}/`)).length;
  const isPartial = ({ on }: App | Addon, name: string): boolean => {
    const rendered = sources.get(name);
    const hidden = on.size === 0 && left('Cluster') > 0;
    return hidden || [...on.keys()].some((cluster) => rendered?.has(cluster) !== true);
  };
  const appName = ({ tenant, name }: App): string => ownerName({ tenant, app: name });
  const apps = fleet.apps.filter((app) => isPartial(app, appName(app)));
  const addons = fleet.addons.filter((addon) => isPartial(addon, ownerName({ addon: addon.name })));
  const told = new Set(apps.map(appName));
  const lists = [...sources.values()].flatMap((on) => [...on.values()]);
  const isWhole =
    fleet.leftOut === undefined && apps.length + addons.length === 0 && !lists.some((one) => one.isPartial);
  return {
    ...found,
    isWhole,
    unbalanced: unbalancedClusters(fleet),
    uncompiled: {
      Cluster: left('Cluster'),
      Tenant: left('Tenant'),
      App: left('App') + apps.length,
      Addon: left('Addon') + addons.length,
    },
    unheld: [...found.unheld].filter((name) => !told.has(name)).length,
  };
}

/** Says at the end how much was not judged, and concludes nothing from what is hidden. */
export function withUnjudged(
  diagnostics: readonly Diagnostic[],
  fleet: Fleet,
  { uncompiled, unheld, hasDoubts, unsummed, unbalanced, isWhole }: Unjudged,
): readonly Diagnostic[] {
  if (isWhole) return diagnostics;
  const counts = Object.entries(uncompiled).filter(([, count]) => count > 0);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  const compiled = `${counts.map(([noun, count]) => counted(count, noun)).join(', ')} ${were(sum)} not compiled`;
  const held = `${counted(unheld, 'App')} ${were(unheld)} not held against guards`;
  const parts = [
    ...(sum === 0 ? [] : [compiled]),
    ...(unheld === 0 ? [] : [held]),
    ...(hasDoubts ? ['what Waivers may let in was not judged'] : []),
    ...(unsummed.size === 0 ? [] : [`quotas were not summed up in ${namespacesText(unsummed)}`]),
    ...(unbalanced.length === 0
      ? []
      : [`quotas were not compared with nodes on cluster ${listed(unbalanced)}`]),
  ];
  const rest = diagnostics.filter(({ code }) => !fromAbsence.has(code));
  const what = parts.join('; ');
  return what === '' ? rest : [...rest, note('TRY-SPEC-050', fleet.from, { what })];
}

/** Clusters of which the quotas would be compared with the nodes. */
function unbalancedClusters({ clusters, leftOut }: Fleet): readonly string[] {
  return [...clusters.values()]
    .filter((cluster) => leftOut?.promises.has(cluster.name) === true && hasOurNodes(cluster))
    .map(({ name }) => name);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were';
}
