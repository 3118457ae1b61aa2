import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureAsset } from '../../assets/index.ts';
import { loadCatalog } from '../../catalog/index.ts';
import type { Diagnostic, Run } from '../../lib/index.ts';
import { load } from '../../spec/index.ts';
import { render, type RenderedObject } from '../index.ts';

/** A run that nobody watches, at a fixed time. */
const quietRun: Run = {
  signal: new AbortController().signal,
  now: () => '2026-11-21T00:00:00Z',
  emit: () => undefined,
};

const base: Readonly<Record<string, string>> = {
  'fleet.yaml': `kind: Fleet
metadata: { name: acme }
spec:
  environments: [{ name: staging }, { name: production }]
  waves: [{ name: all, select: all }]
`,
  'clusters/lab.yaml': `kind: Cluster
metadata: { name: lab }
spec: { environment: staging, provider: sandbox, version: "1.35" }
`,
  'clusters/tokyo.yaml': `kind: Cluster
metadata: { name: tokyo }
spec: { environment: production, provider: sandbox, version: "1.34" }
`,
};

/** What rendering gave, easy to compare. */
export interface Outcome {
  /** Objects of App/platform/web on a cluster. */
  readonly on: (cluster: string) => readonly RenderedObject[];
  readonly diagnostics: readonly Diagnostic[];
  /** `CODE file:line` of each diagnostic. */
  readonly told: readonly string[];
  readonly isRendered: boolean;
}

const folders: string[] = [];

/** Removes the folders of every workshop; for afterAll. */
export function removeWorkshops(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A fleet with one App of the platform in a temporary folder, a cache of its own, and tools that count their starts. */
export class Workshop {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'toryo-workshop-')));
  repository = path.join(this.folder, 'repository');
  cache = path.join(this.folder, 'cache');
  readonly temporary = path.join(this.folder, 'tmp');

  constructor(source: string, files: Readonly<Record<string, string>>) {
    folders.push(this.folder);
    mkdirSync(this.temporary, { recursive: true });
    const app = `kind: App\nmetadata: { name: web }\nspec:\n  tenant: platform\n  namespace: shop\n  clusters: all\n${source}`;
    for (const [file, text] of Object.entries({ ...base, 'app/app.yaml': app })) {
      this.write(file, `apiVersion: toryo.dev/v1alpha1\n${text}`);
    }
    for (const [file, text] of Object.entries(files)) this.write(file, text);
  }

  write(file: string, text: string): void {
    const absolute = path.join(this.repository, file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }

  /** From now on the repository is read through a symbolic link, with another cache. */
  throughLink(): this {
    const link = path.join(this.folder, 'link');
    symlinkSync(this.repository, link);
    this.repository = link;
    this.cache = path.join(this.folder, 'other-cache');
    return this;
  }

  get env(): Readonly<Record<string, string>> {
    return {
      HOME: this.folder,
      TORYO_CACHE: this.cache,
      TORYO_ASSETS: path.join(this.folder, 'tools'),
      TMPDIR: this.temporary,
      SECRET_OF_THE_PERSON: 'hunter2',
    };
  }

  async render(): Promise<Outcome> {
    await this.#countingTools();
    const fleet = await load(this.repository, quietRun);
    if (fleet.value === undefined) throw new Error(JSON.stringify(fleet.diagnostics));
    const { value, diagnostics } = await render(fleet.value, loadCatalog(), quietRun, this.env);
    return {
      on: (cluster) => value?.get('App/platform/web')?.get(cluster) ?? [],
      diagnostics,
      told: diagnostics.map((one) => `${one.code} ${one.at.file}:${one.at.line}`),
      isRendered: value !== undefined,
    };
  }

  /** How often a tool was started, not counting questions for its version. */
  starts(): number {
    const log = path.join(this.folder, 'starts');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
  }

  /** Names of the variables that the last tool saw. */
  seen(): readonly string[] {
    const lines = readFileSync(path.join(this.folder, 'seen'), 'utf8').trim().split('\n');
    return lines.map((line) => line.split('=')[0] ?? '').sort();
  }

  async #countingTools(): Promise<void> {
    const tools = path.join(this.folder, 'tools');
    mkdirSync(tools, { recursive: true });
    for (const tool of ['helm', 'kustomize'] as const) {
      const real = await ensureAsset(tool, quietRun, process.env);
      const script = `#!/bin/sh
case "$1" in version) ;; *) echo "$1" >> "${this.folder}/starts"; /usr/bin/env > "${this.folder}/seen" ;; esac
exec "${real}" "$@"
`;
      writeFileSync(path.join(tools, tool), script);
      chmodSync(path.join(tools, tool), 0o755);
    }
  }
}
