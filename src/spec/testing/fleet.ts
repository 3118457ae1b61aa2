import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { diagnosticTextOf, sentenceOf, type Checked, type Diagnostic, type Run } from '../../lib/index.ts';
import { load, type Fleet, type LoadOptions } from '../index.ts';

/** A run that nobody watches, at a fixed time. */
export const quietRun: Run = {
  signal: new AbortController().signal,
  now: () => '2026-11-21T00:00:00Z',
  emit: () => undefined,
};

const base: Readonly<Record<string, string>> = {
  'fleet.yaml': `kind: Fleet
metadata: { name: acme }
spec:
  environments: [{ name: staging }, { name: production }]
  waves:
    - { name: first, select: { environment: staging } }
    - { name: rest, select: { environment: production } }
`,
  'clusters/lab.yaml': `kind: Cluster
metadata: { name: lab, labels: { product: shop } }
spec: { environment: staging, provider: sandbox, version: "1.35" }
`,
  'clusters/tokyo.yaml': `kind: Cluster
metadata: { name: tokyo, labels: { product: shop } }
spec: { environment: production, provider: sandbox, version: "1.35" }
`,
  'profiles/restricted.yaml': `kind: SecurityProfile
metadata: { name: restricted }
spec: { readOnlyRootFilesystem: false }
`,
  'tenants/shop.yaml': `kind: Tenant
metadata: { name: shop }
spec:
  clusters: { product: shop }
  paths: [apps/shop/**]
  namespaces:
    - { name: shop-web, profile: restricted }
`,
  'apps/shop/web/app.yaml': `kind: App
metadata: { name: web }
spec:
  tenant: shop
  namespace: shop-web
  clusters: all
  source: { path: manifests }
`,
  'apps/shop/web/manifests/web.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: { greeting: hello }
`,
};

/** A fleet repository in a temporary folder: a correct one, and what a test changes in it. */
export class FleetBuilder {
  readonly #files = new Map<string, string | Buffer>(Object.entries(base));
  readonly #links = new Map<string, string>();
  #root: string | undefined;

  /** Adds or replaces a file. Documents of ours get their apiVersion at their end, so that lines stay as written. */
  with(file: string, text: string | Buffer): this {
    this.#files.set(file, text);
    return this;
  }

  without(file: string): this {
    this.#files.delete(file);
    return this;
  }

  /** Only what a test adds. */
  empty(): this {
    this.#files.clear();
    return this;
  }

  /** Adds a symbolic link. */
  linked(file: string, target: string): this {
    this.#links.set(file, target);
    return this;
  }

  /** Writes it once and says where. */
  write(): string {
    if (this.#root !== undefined) return this.#root;
    const root = mkdtempSync(path.join(tmpdir(), 'toryo-fleet-'));
    created.push(root);
    for (const [file, text] of this.#files) {
      mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(root, file), typeof text === 'string' ? withVersion(text) : text);
    }
    for (const [file, target] of this.#links) {
      mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      symlinkSync(target, path.join(root, file));
    }
    this.#root = root;
    return root;
  }

  async load(options: LoadOptions = {}): Promise<Checked<Fleet>> {
    return load(this.write(), quietRun, options);
  }

  /** Its mistakes as a user reads them, warnings left out. */
  async mistakes(): Promise<readonly string[]> {
    const found = (await this.load()).diagnostics.filter((one) => one.severity === 'error');
    return shown(found).map((line) => line.replaceAll(this.write(), 'ROOT'));
  }

  /** The fleet; throws with the mistakes when it has any. */
  async fleet(): Promise<Fleet> {
    const { value, diagnostics } = await this.load();
    if (value === undefined) throw new Error(shown(diagnostics).join('\n'));
    return value;
  }
}

const created: string[] = [];

/** The App of the correct fleet, with more lines at its end. */
export function appText(more = ''): string {
  return `${base['apps/shop/web/app.yaml'] ?? ''}${more}`;
}

/** The Tenant of the correct fleet, with more lines at its end. */
export function tenantText(more = ''): string {
  return `${base['tenants/shop.yaml'] ?? ''}${more}`;
}

/** A correct Cluster of environment staging whose spec a test writes. */
export function clusterText(spec: string, metadata = 'name: lab, labels: { product: shop }'): string {
  return `kind: Cluster\nmetadata: { ${metadata} }\nspec: { ${spec} }\n`;
}

/** The Fleet of the correct fleet with other waves, and more lines at its end. */
export function fleetText(waves: string, more = ''): string {
  const environments = '[{ name: staging }, { name: production }]';
  return `kind: Fleet\nmetadata: { name: acme }\nspec:\n  environments: ${environments}\n  waves: ${waves}\n${more}`;
}

/** Removes what the tests of a file wrote. */
export function removeFleets(): void {
  for (const root of created.splice(0)) rmSync(root, { recursive: true, force: true });
}

/** A correct small fleet: two clusters, one tenant, one App. */
export function aFleet(): FleetBuilder {
  return new FleetBuilder();
}

/** `TRY-… file:line:column sentence`, as the command line prints it. */
export function shown(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(
    (one) => `${one.code} ${one.at.file}:${one.at.line}:${one.at.column} ${sentenceOf(one)}`,
  );
}

/** The hints, in the order of the mistakes. */
export function hints(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map((one) => diagnosticTextOf(one.code).hint);
}

const isOurs = /^\uFEFF?kind: [A-Za-z]+\r?$/m;

function withVersion(text: string): string {
  if (text.includes('apiVersion') || !isOurs.test(text)) return text;
  return `${text.replace(/\n*$/, '')}\napiVersion: toryo.dev/v1alpha1\n`;
}
