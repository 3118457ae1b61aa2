import { isObject, probeName, systemNamespace } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** Name of the Guard that the probe is held against. */
export const probeGuard = 'probe';

/** The pod that is refused in a dry run once the policies are active; nothing else is wrong with it. */
export function probePod(): KubeObject {
  const securityContext = {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: probeName, namespace: systemNamespace },
    spec: { containers: [{ name: 'probe', image: 'probe', securityContext }] },
  };
}

/** What the probe is told once these objects are active, a part of the sentence; undefined: they have no probe. */
export function guardDigest(objects: readonly KubeObject[]): string | undefined {
  const probe = objects.find((one) => one.kind === 'Guard' && one.metadata.name === probeGuard);
  const spec = probe?.['spec'];
  return isObject(spec) && typeof spec['digest'] === 'string' ? spec['digest'] : undefined;
}
