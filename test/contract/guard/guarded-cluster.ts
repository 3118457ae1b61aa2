import { guardOf, type ClusterGuards, type Guard } from '../../../src/guard/index.ts';
import { statusOf, type KubeClient } from '../../../src/kube/index.ts';
import { labels } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import type { SandboxVersion } from '../../../src/sandbox/index.ts';
import { strictestProfile, type SecurityProfile } from '../../../src/spec/index.ts';
import { object } from '../kube/server.ts';
import { profiles } from './profiles.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The strictest profile, with images of one registry only. */
export const strict: SecurityProfile = {
  ...strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' }),
  images: { registries: ['registry.example.com'], digest: 'optional' },
};

const open = { ...(profiles.find(({ name }) => name === 'open') ?? strict), name: 'open' };

/** Guards of a tenant's namespace `shop` and the platform's `addons`; in both the service account `speaker` may do more. */
export function twoGuards(version: SandboxVersion): { shop: Guard; addons: Guard; all: ClusterGuards } {
  const wish = { profile: strict, serviceAccounts: { speaker: open }, waivers: [] };
  const shop = guardOf({ ...wish, name: 'shop', serviceTypes: [] }, version);
  const addons = guardOf({ ...wish, name: 'addons', serviceTypes: ['LoadBalancer'] }, version);
  const fallback = guardOf(
    { name: '', profile: strict, serviceAccounts: {}, waivers: [], serviceTypes: [] },
    version,
  );
  return {
    shop,
    addons,
    all: { enforced: [shop, addons], tried: [], fallback: fallback.spec, version },
  };
}

/** A namespace with marks of Toryo; `guard` undefined: without that label. */
export async function markedNamespace(
  client: KubeClient,
  name: string,
  marks: { readonly tenant: string; readonly guard?: string },
): Promise<void> {
  const own: Record<string, string> = { [labels.managed]: 'true', [labels.tenant]: marks.tenant };
  if (marks.guard !== undefined) own[labels.guard] = marks.guard;
  await client.apply(
    { ...object('v1', 'Namespace', name), metadata: { name, labels: own } },
    { fieldManager: 'test' },
  );
  for (const account of ['default', 'speaker'])
    await client.apply(object('v1', 'ServiceAccount', account, name), { fieldManager: 'test' });
}

const image = 'registry.example.com/web:1';

/** A container that breaks no profile. */
export const strictContainer = (more: Fields = {}): Fields => ({
  name: 'web',
  image,
  ...more,
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
});

/** A pod's spec that breaks no profile. */
export const strictSpec = (more: Fields = {}, container: Fields = {}): Fields => ({
  containers: [strictContainer(container)],
  terminationGracePeriodSeconds: 0,
  ...more,
});

/** A Deployment, StatefulSet or ReplicaSet. */
export function workload(kind: string, name: string, namespace: string, spec: Fields): KubeObject {
  const template = { metadata: { labels: { app: name } }, spec };
  const selector = { matchLabels: { app: name } };
  return { ...object('apps/v1', kind, name, namespace), spec: { replicas: 1, selector, template } };
}

/** What a policy told, after its name; the whole error where none did, and `allowed`. */
export async function answerOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'allowed';
  } catch (error) {
    const message = statusOf(error)?.message ?? String(error);
    return /denied request: (.*)$/s.exec(message)?.[1] ?? message;
  }
}

/** A user who may do these things everywhere. */
export async function userWith(
  client: KubeClient,
  user: string,
  rules: readonly Fields[],
): Promise<KubeClient> {
  const group = 'rbac.authorization.k8s.io';
  const name = `test-${user}`;
  await client.apply({ ...object(`${group}/v1`, 'ClusterRole', name), rules }, { fieldManager: 'test' });
  await client.apply(
    {
      ...object(`${group}/v1`, 'ClusterRoleBinding', name),
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    },
    { fieldManager: 'test' },
  );
  return client.as({ user });
}

/** Rights on everything that makes pods, Services and claims. */
export const editing: readonly Fields[] = [
  { apiGroups: ['', 'apps', 'batch'], resources: ['*'], verbs: ['*'] },
].map((rule) => ({
  ...rule,
  verbs: ['get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection'],
}));
