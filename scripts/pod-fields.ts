/**
 * Writes src/guard/shape/pod-fields.ts: the fields below a pod's spec, read from the newest API server that the sandbox serves.
 * test/contract/guard/pod-fields.test.ts finds it when the server has others. node scripts/pod-fields.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessOf, openClient, readKubeconfig } from '../src/kube/index.ts';
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

/** Types that are not walked: any value is taken. */
const open: ReadonlySet<string> = new Set(['ObjectMeta', 'FieldsV1']);

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'truth',
  Quantity: 'quantity',
  IntOrString: 'either',
};

/** The fields of PodSpec and of all types below it, of an OpenAPI document (`/openapi/v3/api/v1`). */
export function podFieldsIn(document: unknown): Readonly<Record<string, string>> {
  const schemas = new Map(
    Object.entries(objectAt(document, 'components', 'schemas')).map(([name, schema]) => [
      shortName(name),
      objectAt(schema),
    ]),
  );
  const rows = new Map<string, string>();
  const visit = (type: string): void => {
    const fields = Object.entries(objectAt(schemas.get(type), 'properties')).map(
      ([name, schema]) => [name, typeOf(objectAt(schema))] as const,
    );
    rows.set(type, fields.map(([name, is]) => (is === 'text' ? name : `${name}:${is}`)).join(' '));
    for (const [, is] of fields) {
      const next = is.replace(/(\[\]|\{\})$/, '');
      if (/^[A-Z]/.test(next) && !rows.has(next)) visit(next);
    }
  };
  visit('PodSpec');
  return Object.fromEntries([...rows].toSorted(([left], [right]) => compareText(left, right)));
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function typeOf(schema: JsonObject): string {
  const type = stringAt(schema, 'type');
  if (type === 'array') return `${typeOf(objectAt(schema, 'items'))}[]`;
  if (type === 'object') return `${typeOf(objectAt(schema, 'additionalProperties'))}{}`;
  const refs = [schema, ...listAt(schema, 'allOf')].map((one) => stringAt(one, '$ref'));
  const name = shortName(refs.find(isString) ?? type ?? 'any');
  return open.has(name) ? 'any' : (words[name] ?? name);
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
    const { text } = await client.raw('GET', '/openapi/v3/api/v1');
    const rows = Object.entries(podFieldsIn(parseJson(text))).map(
      ([type, fields]) => `  ${type}:\n    '${fields}',\n`,
    );
    const says = `/** The minor version of Kubernetes whose fields these are. */\nexport const podFieldsVersion = '${version}';\n`;
    const about =
      '/** Fields of each type below a PodSpec: `name` is a text, `name:type` another; `[]` a list of them, `{}` a map. */\n';
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
