import { labels, systemNamespace } from '../../../src/lib/index.ts';
import {
  guardDigest,
  guardObjects,
  probePod,
  type ClusterGuards,
  type Guard,
} from '../../../src/guard/index.ts';
import { statusOf, type KubeClient } from '../../../src/kube/index.ts';
import { keyOf, refOf, type KubeObject } from '../../../src/objects/index.ts';
import type { SandboxVersion } from '../../../src/sandbox/index.ts';
import { object, TestServer } from '../kube/server.ts';

const order = [
  'ServiceAccount',
  'CustomResourceDefinition',
  'Guard',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
];

/** An API server with guards, once they are active; `toryo-system` is there for the probe. */
export async function guardedServer(version: SandboxVersion, guards: ClusterGuards): Promise<TestServer> {
  const server = await TestServer.start(version);
  try {
    await install(server.client, guards);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Writes guards to a cluster and waits until they are active; `toryo-system` is made for the probe. */
export async function install(client: KubeClient, guards: ClusterGuards): Promise<void> {
  const marks = { [labels.managed]: 'true', [labels.tenant]: 'platform' };
  for (const one of [
    {
      ...object('v1', 'Namespace', systemNamespace),
      metadata: { name: systemNamespace, labels: marks },
    },
    object('v1', 'ServiceAccount', 'default', systemNamespace),
  ])
    await client.apply(one, { fieldManager: 'test' });
  await write(client, guards);
}

/** Writes guards and waits until they are active. */
export async function write(client: KubeClient, guards: ClusterGuards): Promise<void> {
  const objects = guardObjects(guards);
  for (const kind of order) {
    for (const one of objects.filter((other) => other.kind === kind))
      await client.apply(one, { fieldManager: 'test' });
    if (kind === 'CustomResourceDefinition') await served(client);
  }
  await active(client, guardDigest(objects) ?? '');
}

/** A namespace that a guard holds for, or that one is tried in. */
export async function guardedNamespace(
  server: TestServer,
  name: string,
  guard: Guard,
  label: string = labels.guard,
): Promise<void> {
  const marks = { [labels.managed]: 'true', [labels.tenant]: 'platform', [label]: guard.name };
  await server.client.create({ ...object('v1', 'Namespace', name), metadata: { name, labels: marks } });
  for (const account of ['default', 'speaker'])
    await server.client.create(object('v1', 'ServiceAccount', account, name));
}

async function served(client: KubeClient): Promise<void> {
  await eventually(async () => {
    client.forgetDiscovery();
    const kinds = await client.raw('GET', '/apis/toryo.dev/v1alpha1/guards');
    return kinds.status === 200;
  });
}

async function active(client: KubeClient, digest: string): Promise<void> {
  await eventually(async () => {
    try {
      await client.create(probePod(digest), { dryRun: true });
      return false;
    } catch (error) {
      return statusOf(error)?.message?.includes(digest) === true;
    }
  });
}

/** Asks until it is so, for a minute. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not come true in a minute');
}

/** Runs many questions, some at a time. */
export async function inParallel<T>(all: readonly T[], ask: (one: T) => Promise<void>): Promise<void> {
  let index = 0;
  const lane = async (): Promise<void> => {
    while (index < all.length) {
      const one = all[index];
      index += 1;
      if (one !== undefined) await ask(one);
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}

/** The object's key, for a list of what differs. */
export function titleFor(one: KubeObject): string {
  return keyOf(refOf(one));
}
