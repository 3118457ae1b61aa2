import { guardKind, isObject, labels, probeName, systemNamespace } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** Name of the Guard that the probe is held against. */
export const probeGuard = 'probe';

/**
 * The label of a probe of that digest. The binding selects it: an API server learns of policies and bindings about once a second and of
 * Guards at once, so that a Guard alone would speak for bindings that are not known yet.
 */
export function probeMark(digest: string): Readonly<Record<string, string>> {
  return { [labels.probe]: digest.slice(-16) };
}

/** The service account that the probe names: no controller has to make it first. */
export function probeAccount(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: probeName, namespace: systemNamespace },
    automountServiceAccountToken: false,
  };
}

/** The pod that is refused in a dry run once the policies of that digest are active; nothing else is wrong with it. */
export function probePod(digest: string): KubeObject {
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
    metadata: { name: probeName, namespace: systemNamespace, labels: probeMark(digest) },
    spec: {
      serviceAccountName: probeName,
      automountServiceAccountToken: false,
      containers: [{ name: 'probe', image: 'probe', securityContext }],
    },
  };
}

/** True for the Guard of the probe. */
export function isProbe(object: KubeObject): boolean {
  const { apiVersion, kind } = guardKind;
  return object.kind === kind && object.apiVersion === apiVersion && object.metadata.name === probeGuard;
}

/** What the probe is told once these objects are active, a part of the sentence; undefined: they have no probe. */
export function guardDigest(objects: readonly KubeObject[]): string | undefined {
  const spec = objects.find(isProbe)?.['spec'];
  return isObject(spec) && typeof spec['digest'] === 'string' ? spec['digest'] : undefined;
}
