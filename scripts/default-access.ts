/**
 * Writes catalog/default-access.json: the Roles and bindings that API servers make when they start, read from one of each minor
 * that the sandbox serves. node scripts/default-access.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { accessOf, openClient, readKubeconfig } from '../src/kube/index.ts';
import { canonical, type Run } from '../src/lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../src/objects/index.ts';
import { sandboxVersions, startCluster, type SandboxVersion } from '../src/sandbox/index.ts';

const run: Run = {
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: () => undefined,
};
const group = 'rbac.authorization.k8s.io';
const label = 'kubernetes.io/bootstrapping';

/** What the API server of a minor makes, once it has made all of it. */
async function read(version: SandboxVersion): Promise<readonly KubeObject[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-default-access-'));
  const cluster = await startCluster({ name: 'default', version, components: 'server' }, folder, run);
  const access = accessOf(await readKubeconfig([cluster.kubeconfig]));
  const client = openClient({ ...access, name: 'default' }, run);
  try {
    let [before, objects]: (readonly KubeObject[])[] = [[], []];
    do {
      before = objects ?? [];
      await sleep(3000);
      const kinds = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
      const lists = await Promise.all(kinds.map((kind) => client.list({ group, kind })));
      objects = lists.flatMap((list) => list.items);
    } while (objects.length === 0 || objects.length !== before.length);
    return objects.filter((one) => one.metadata.labels?.[label] !== undefined);
  } finally {
    await client.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function bare(object: KubeObject): object {
  const { name, namespace, labels = {} } = object.metadata;
  const rest = Object.entries(labels).filter(([key]) => key !== label);
  const parts = ['roleRef', 'subjects', 'aggregationRule', 'rules'] as const;
  return {
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(rest.length === 0 ? {} : { labels: Object.fromEntries(rest) }),
    ...Object.fromEntries(
      parts
        .filter((part) => object[part] !== undefined && object[part] !== null)
        .map((part) => [part, object[part]]),
    ),
  };
}

const rows = new Map<string, { readonly minors: string[]; readonly object: object; readonly sort: string }>();
for (const version of sandboxVersions)
  for (const object of await read(version)) {
    const lean = bare(object);
    const row = rows.get(canonical(lean)) ?? { minors: [], object: lean, sort: keyOf(refOf(object)) };
    rows.set(canonical(lean), row);
    row.minors.push(version);
  }
const lines = [...rows.values()]
  .toSorted((left, right) => (left.sort < right.sort ? -1 : 1))
  .map(({ minors, object }) =>
    JSON.stringify(minors.length === sandboxVersions.length ? object : { minors, ...object }),
  );
const source = 'kube-apiserver of these minors, read by scripts/default-access.ts right after its start';
const file = fileURLToPath(new URL('../catalog/default-access.json', import.meta.url));
writeFileSync(
  file,
  `{\n"source": ${JSON.stringify(source)},\n"minors": ${JSON.stringify(sandboxVersions)},\n"objects": [\n${lines.join(',\n')}\n]\n}\n`,
);
process.stderr.write(`${lines.length} objects\n`);
