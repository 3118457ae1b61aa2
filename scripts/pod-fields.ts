/**
 * Writes src/guard/shape/pod-fields.ts: the fields of pods and of what makes them, read from the newest API server that the sandbox
 * serves. test/contract/guard/pod-shapes.test.ts finds it when the server has others. node scripts/pod-fields.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../src/kube/index.ts';
import {
  compareText,
  isString,
  listAt,
  objectAt,
  parseJson,
  stringAt,
  type JsonObject,
  type Run,
} from '../src/lib/index.ts';
import { sandboxVersions, startCluster } from '../src/sandbox/index.ts';

/** Where the kinds that have pods are told. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'api/v1': ['Pod', 'PodTemplate', 'ReplicationController'],
  'apis/apps/v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'apis/batch/v1': ['CronJob', 'Job'],
};

/** Types that are not walked: any value is taken. Statuses are the server's. */
const isOpen = (type: string): boolean => type === 'FieldsV1' || type.endsWith('Status');

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'truth',
  Quantity: 'quantity',
  IntOrString: 'either',
  Time: 'text',
};

/** The fields of kinds that have pods, and of all types below them, of an API server's OpenAPI documents. */
export async function podFieldsOf(client: KubeClient): Promise<Readonly<Record<string, string>>> {
  const texts = await Promise.all(
    Object.keys(kinds).map((group) => client.raw('GET', `/openapi/v3/${group}`)),
  );
  const schemas = new Map(
    texts.flatMap(({ text }) =>
      Object.entries(objectAt(parseJson(text), 'components', 'schemas')).map(
        ([name, schema]) => [shortName(name), objectAt(schema)] as const,
      ),
    ),
  );
  const rows = new Map<string, string>();
  const visit = (type: string): void => {
    const fields = Object.entries(objectAt(schemas.get(type), 'properties')).map(
      ([name, schema]) => [name, typeOf(objectAt(schema))] as const,
    );
    rows.set(type, fields.map(([name, is]) => (is === 'text' ? name : `${name}:${is}`)).join(' '));
    for (const [, is] of fields) {
      const next = is.replace(/(\[.*\]|\{\})$/, '');
      if (/^[A-Z]/.test(next) && !rows.has(next)) visit(next);
    }
  };
  for (const kind of Object.values(kinds).flat()) visit(kind);
  return Object.fromEntries([...rows].toSorted(([left], [right]) => compareText(left, right)));
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function typeOf(schema: JsonObject): string {
  const type = stringAt(schema, 'type');
  if (type === 'array') {
    const keys = listAt(schema, 'x-kubernetes-list-map-keys').filter(isString);
    return `${typeOf(objectAt(schema, 'items'))}[${keys.join()}]`;
  }
  if (type === 'object') return `${typeOf(objectAt(schema, 'additionalProperties'))}{}`;
  const refs = [schema, ...listAt(schema, 'allOf')].map((one) => stringAt(one, '$ref'));
  const name = shortName(refs.find(isString) ?? type ?? 'any');
  return isOpen(name) ? 'any' : (words[name] ?? name);
}

const run: Run = {
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: () => undefined,
};

async function write(): Promise<void> {
  const version = sandboxVersions.at(-1) ?? '1.36';
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-pod-fields-'));
  const cluster = await startCluster({ name: 'fields', version, components: 'server' }, folder, run);
  const access = accessOf(await readKubeconfig([cluster.kubeconfig]));
  const client = openClient({ ...access, name: 'fields' }, run);
  try {
    const rows = Object.entries(await podFieldsOf(client)).map(
      ([type, fields]) => `  ${type}:\n    '${fields}',\n`,
    );
    const says = `/** The minor version of Kubernetes whose fields these are. */\nexport const podFieldsVersion = '${version}';\n`;
    const about =
      '/** Fields of each kind that has pods, and of the types below it: `name` is a text, `name:type` another; `[]` a list of them, `[name]` one in which no two are alike in that field, `{}` a map. */\n';
    const head = '// Made by scripts/pod-fields.ts from the OpenAPI document of an API server.\n\n';
    const file = fileURLToPath(new URL('../src/guard/shape/pod-fields.ts', import.meta.url));
    writeFileSync(
      file,
      `${head}${says}\n${about}export const podFields: Readonly<Record<string, string>> = {\n${rows.join('')}};\n`,
    );
  } finally {
    await client.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
