import { labels, platformTenant, systemNamespace } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import {
  loosenedProfile,
  loosest,
  podSecurityLevel,
  podSecurityLevels,
  strictest,
  type GuardedNamespace,
  type PodSecurityLevel,
} from '../guard/index.ts';
import type { Cluster } from '../spec/index.ts';
import type { Guarding } from './guarding.ts';

/**
 * The Namespace, labelled with the strictest Pod Security level that admits every profile used in it, and with its Guard; the version is
 * pinned to the cluster's, so that an upgrade of the control plane refuses no pod that it let in before. Who applies is warned of
 * what the next stricter level would refuse; a profile that is tried only adds to that.
 */
export function namespaceObject(guarding: Guarding, cluster: Cluster): KubeObject {
  const { wish, namespace, guard, trial } = guarding;
  const level = ceilingOf(namespace);
  const next = stricter(level);
  const tried = trial === undefined ? next : strictest([next, ceilingOf(trial.namespace)]);
  const warned = trial?.as === 'audit' ? next : tried;
  return namespaceWith(wish.name, {
    [labels.tenant]: wish.tenant,
    [labels.guard]: guard.name,
    ...(trial === undefined ? {} : { [labels.trial]: trial.guard.name }),
    ...securityLabels({ audit: tried, enforce: level, warn: warned }, cluster.version),
  });
}

/** The strictest level that admits every profile used in a namespace, and what its Waivers let in. */
export function ceilingOf({
  profile,
  serviceAccounts,
  waivers,
}: Pick<GuardedNamespace, 'profile' | 'serviceAccounts' | 'waivers'>): PodSecurityLevel {
  const rules = waivers.map(({ rule }) => rule);
  const profiles = [profile, ...Object.values(serviceAccounts)];
  return loosest(profiles.map((one) => podSecurityLevel(loosenedProfile(one, rules))));
}

function stricter(level: PodSecurityLevel): PodSecurityLevel {
  return podSecurityLevels[Math.max(0, podSecurityLevels.indexOf(level) - 1)] ?? level;
}

type Modes = Readonly<Record<'audit' | 'enforce' | 'warn', PodSecurityLevel>>;

function securityLabels(modes: Modes, version: string | undefined): Readonly<Record<string, string>> {
  const pinned = version === undefined ? 'latest' : `v${version}`;
  return Object.fromEntries(
    Object.entries(modes).flatMap(([mode, level]) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, pinned],
    ]),
  );
}

/** A namespace of the platform: what runs there is the platform's own decision. */
export function platformNamespaceObject(name: string): KubeObject {
  return namespaceWith(name, { [labels.tenant]: platformTenant });
}

/** The namespace of inventories; no pod runs there. */
export function systemNamespaceObject(version: string | undefined): KubeObject {
  return namespaceWith(systemNamespace, {
    [labels.tenant]: platformTenant,
    ...securityLabels({ audit: 'restricted', enforce: 'restricted', warn: 'restricted' }, version),
  });
}

function namespaceWith(name: string, extra: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: extra } };
}
