import { createServer } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { isArray, isObject, sha256 } from '../lib/index.ts';
import { evaluate } from './evaluation.ts';
import { aFleet, FleetBuilder, quietRun, removeFleets, shown } from './testing/fleet.ts';

afterAll(removeFleets);

const code: Readonly<Record<string, string>> = {
  'fleet.ts': `import { defineFleet, defineCluster, defineSecurityProfile, defineTenant } from 'toryo';
import './apps/shop/web/app.ts';

defineFleet({
  name: 'acme',
  environments: [{ name: 'staging' }, { name: 'production' }],
  waves: [
    { name: 'first', select: { environment: 'staging' } },
    { name: 'rest', select: { environment: 'production' } },
  ],
});
const places = { lab: 'staging', tokyo: 'production' } as const satisfies Record<string, string>;
for (const [name, environment] of Object.entries(places))
  defineCluster({ name, labels: { product: 'shop' }, environment, provider: 'sandbox', version: '1.35' });
defineSecurityProfile({ name: 'restricted', readOnlyRootFilesystem: false });
defineTenant({
  name: 'shop',
  clusters: { product: 'shop' },
  paths: ['apps/shop/**'],
  namespaces: [{ name: 'shop-web', profile: 'restricted' }],
});
`,
  'apps/shop/web/app.ts': `import { defineApp } from 'toryo';

interface Nothing { readonly at: 'all' }
const nothing: Nothing | undefined = undefined;
export const web = defineApp({
  name: 'web', tenant: 'shop', namespace: 'shop-web', clusters: 'all', source: { path: 'manifests' },
});
`,
  'apps/shop/web/manifests/web.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { greeting: hello }\n',
};

/** The correct fleet, written in TypeScript. */
function aCodedFleet(): FleetBuilder {
  const fleet = new FleetBuilder().empty();
  for (const [file, text] of Object.entries(code)) fleet.with(file, text);
  return fleet;
}

/** The correct fleet in YAML, and code beside it. */
const beside = (text: string): FleetBuilder => aFleet().with('fleet.ts', text);

/** A value without the places where things were written. */
function withoutOrigins(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(withoutOrigins);
  if (isArray(value)) return value.map(withoutOrigins);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !['from', 'at', 'place', 'root'].includes(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutOrigins(item)]));
}

describe('a fleet written in TypeScript', () => {
  it('is the same Fleet as in YAML', async () => {
    const [coded, written] = [await aCodedFleet().fleet(), await aFleet().fleet()];
    expect(withoutOrigins(coded)).toEqual(withoutOrigins(written));
    expect(coded.apps[0]?.on.get('lab')?.source).toEqual({ path: 'manifests' });
  });

  it('knows the line of each call', async () => {
    const fleet = await aCodedFleet().fleet();
    expect(fleet.from).toMatchObject({ file: 'fleet.ts', line: 4, column: 1 });
    expect(fleet.apps[0]?.from).toMatchObject({ file: 'apps/shop/web/app.ts', line: 5, column: 20 });
    expect(fleet.clusters.get('tokyo')?.from).toMatchObject({ file: 'fleet.ts', line: 14, column: 3 });
  });

  it('has its mistakes told at the call, with the field', async () => {
    const text = code['apps/shop/web/app.ts']?.replace("tenant: 'shop'", "tenant: 'shp', imagse: {}") ?? '';
    const { diagnostics } = await aCodedFleet().with('apps/shop/web/app.ts', text).load();
    expect(shown(diagnostics.filter((one) => one.severity === 'error'))).toEqual([
      'TRY-SPEC-001 apps/shop/web/app.ts:5:20 unknown key "imagse", did you mean "images"?',
      'TRY-SPEC-013 apps/shop/web/app.ts:5:20 there is no Tenant "shp", did you mean "shop"?',
    ]);
    expect(diagnostics.find((one) => one.code === 'TRY-SPEC-001')?.at.path).toBe('spec.imagse');
  });

  it('may stand beside YAML', async () => {
    const text =
      "import { defineCluster } from 'toryo';\ndefineCluster({ name: 'osaka', labels: { product: 'shop' }, environment: 'staging', provider: 'sandbox' });\n";
    expect([...(await beside(text).fleet()).clusters.keys()]).toEqual(['lab', 'tokyo', 'osaka']);
  });

  it('is refused where code may not run, without a word on what it would define', async () => {
    const { value, diagnostics } = await aCodedFleet().load({ allowCode: false });
    expect(value).toBeUndefined();
    expect(shown(diagnostics)).toEqual([
      'TRY-CODE-002 fleet.ts:1:1 fleet.ts is code, and this run evaluates none',
    ]);
  });

  it('may read its own files', async () => {
    const text =
      "import { readFileSync } from 'node:fs';\nimport { defineCluster } from 'toryo';\nconst { name } = JSON.parse(readFileSync(new URL('./data.json', import.meta.url), 'utf8'));\ndefineCluster({ name, labels: { product: 'shop' }, environment: 'staging', provider: 'sandbox' });\n";
    const fleet = await beside(text).with('data.json', '{ "name": "kobe" }').fleet();
    expect(fleet.clusters.has('kobe')).toBe(true);
  });
});

describe('code that fails', () => {
  const failure = async (text: string): Promise<readonly string[]> => beside(text).mistakes();

  it.each([
    ['throws', "const x = 1;\nthrow new Error('no luck');\n", 'TRY-CODE-001 fleet.ts:2:7 no luck'],
    ['throws what is no error', "throw 'no luck';\n", 'TRY-CODE-001 fleet.ts:1:1 no luck'],
    [
      'throws in a function',
      'const f = () => {\n  null.x;\n};\nf();\n',
      "TRY-CODE-001 fleet.ts:2:8 Cannot read properties of null (reading 'x')",
    ],
    [
      'defines what JSON has no word for',
      "import { defineFleet } from 'toryo';\ndefineFleet({ name: 'x', waves: [() => 1] });\n",
      'TRY-CODE-001 fleet.ts:2:1 spec.waves[0] is a function: write strings, numbers, booleans, null, lists and mappings',
    ],
    [
      'defines a date',
      "import { defineWaiver } from 'toryo';\ndefineWaiver({ name: 'x', expires: new Date(0) });\n",
      'TRY-CODE-001 fleet.ts:2:1 spec.expires is no plain mapping: write strings, numbers, booleans, null, lists and mappings',
    ],
    [
      'reads another file',
      "import { readFileSync } from 'node:fs';\nreadFileSync('/etc/passwd');\n",
      "TRY-CODE-001 fleet.ts:2:1 access to /etc/passwd is refused: a fleet's code reads its own repository and nothing else",
    ],
    ['writes', "import { writeFileSync } from 'node:fs';\nwriteFileSync('x', '');\n", 'refused'],
    [
      'starts a program',
      "import { spawnSync } from 'node:child_process';\n",
      'TRY-CODE-001 fleet.ts:1:1 a fleet may not import node:child_process',
    ],
    [
      'opens a connection',
      "import net from 'net';\n",
      'TRY-CODE-001 fleet.ts:1:1 a fleet may not import net',
    ],
    [
      'imports code from a text',
      "await import('data:text/javascript,1');\n",
      'TRY-CODE-001 fleet.ts:1:1 a fleet may not import data:text/javascript,1',
    ],
    [
      'asks for built-in modules',
      "process.getBuiltinModule('net');\n",
      'TRY-CODE-001 fleet.ts:1:9 process.getBuiltinModule is not a function',
    ],
    ['sends signals', 'process.kill(1, 0);\n', 'TRY-CODE-001 fleet.ts:1:9 process.kill is not a function'],
    [
      'uses require',
      "const x = require('fs');\n",
      'TRY-CODE-001 fleet.ts:1:11 require is not defined in ES module scope, you can use import instead',
    ],
    ['imports what is not there', "import './none.ts';\n", 'none.ts'],
    ['is no TypeScript that Node can run', 'enum Colour { red }\n', 'TRY-CODE-001 fleet.ts:1:1'],
    ['is no TypeScript', 'const = 1;\n', 'TRY-CODE-001 fleet.ts:1:1'],
    [
      'never ends its await',
      'await new Promise(() => undefined);\n',
      'TRY-CODE-001 fleet.ts:1:1 a top-level await never ends',
    ],
  ])('and %s', async (_what, text, says) => {
    const found = await failure(text);
    expect(found.length, found.join('\n')).toBe(1);
    expect(found[0]).toContain(says);
  });

  it('and asks the network gets no answer, whatever it tries', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = isObject(address) ? address['port'] : undefined;
    const found = await failure(`await fetch('http://127.0.0.1:${String(port)}/');\n`);
    expect(found).toEqual(['TRY-CODE-001 fleet.ts:1:1 fetch is not defined']);
    expect(await failure('new console._stdout.constructor();\n')).toEqual([
      "TRY-CODE-001 fleet.ts:1:21 Cannot read properties of undefined (reading 'constructor')",
    ]);
    expect(asked).toBe(0);
    server.close();
  });

  it('and loops forever is ended', async () => {
    const root = beside('for (;;);\n').write();
    const { documents, diagnostics } = await evaluate(root, quietRun, { milliseconds: 700, bytes: 1000 });
    expect(documents).toEqual([]);
    expect(shown(diagnostics)).toEqual([
      "TRY-CODE-003 fleet.ts:1:1 the fleet's code did not end within 0.7 s",
    ]);
  });

  it('and says too much is ended', async () => {
    const root = beside(
      "import { defineFleet } from 'toryo';\ndefineFleet({ name: 'x'.repeat(5000) });\n",
    ).write();
    const { diagnostics } = await evaluate(root, quietRun, { milliseconds: 9000, bytes: 1000 });
    expect(diagnostics.map((one) => one.code)).toEqual(['TRY-CODE-004']);
  });

  it('sees an empty environment', async () => {
    const text =
      "import { defineApp } from 'toryo';\nimport { createHash } from 'node:crypto';\nthrow new Error(createHash('sha256').update(JSON.stringify(process.env)).digest('hex'));\n";
    expect(await failure(text)).toEqual([`TRY-CODE-001 fleet.ts:3:7 ${sha256('{}')}`]);
  });
});
