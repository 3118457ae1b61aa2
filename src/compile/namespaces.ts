import {
  labels,
  platformTenant,
  problem,
  systemNamespace,
  type Diagnostic,
  type Origin,
} from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import { loosest, podSecurityLevel, podSecurityLevels, type PodSecurityLevel } from '../guard/index.ts';
import type { Cluster, SecurityProfile } from '../spec/index.ts';

/** A namespace and the profiles that its pods may have. */
export interface NamespaceWish {
  readonly name: string;
  readonly tenant: string;
  readonly profile: string;
  readonly serviceAccounts: Readonly<Record<string, string>>;
  readonly at: Origin;
}

/**
 * The Namespace, labelled with the strictest Pod Security level that admits every profile used in it; the version is
 * pinned to the cluster's, so that an upgrade of the control plane refuses no pod that it let in before.
 */
export function namespaceObject(
  wish: NamespaceWish,
  cluster: Cluster,
  profiles: ReadonlyMap<string, SecurityProfile>,
  diagnostics: Diagnostic[],
): KubeObject {
  const own = levelOf(wish.profile, profiles);
  const needed = loosest([
    own,
    ...Object.values(wish.serviceAccounts).map((name) => levelOf(name, profiles)),
  ]);
  const isLooser = podSecurityLevels.indexOf(needed) > podSecurityLevels.indexOf(own);
  if (isLooser && cluster.provider !== 'sandbox') {
    diagnostics.push(
      problem('TRY-PSA-001', wish.at, {
        namespace: wish.name,
        level: needed,
        profile: wish.profile,
        cluster: cluster.name,
      }),
    );
  }
  return namespaceWith(wish.name, {
    [labels.tenant]: wish.tenant,
    ...securityLabels(needed, cluster.version),
  });
}

function levelOf(profile: string, profiles: ReadonlyMap<string, SecurityProfile>): PodSecurityLevel {
  const found = profiles.get(profile);
  return found === undefined ? 'restricted' : podSecurityLevel(found);
}

function securityLabels(
  level: PodSecurityLevel,
  version: string | undefined,
): Readonly<Record<string, string>> {
  const pinned = version === undefined ? 'latest' : `v${version}`;
  const modes = ['audit', 'enforce', 'warn'] as const;
  return Object.fromEntries(
    modes.flatMap((mode) => [
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
    ...securityLabels('restricted', version),
  });
}

function namespaceWith(name: string, extra: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: extra } };
}
