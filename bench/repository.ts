import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { yamlText, type Run } from '../src/lib/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { apply, build, closeAll, lockFiles, plan } from '../src/toryo.ts';

/** A run that says nothing. */
export const silent: Run = {
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: () => {},
};

const header = 'apiVersion: toryo.dev/v1alpha1\n';

/** A cluster of a bench's fleet: its name, and the kubeconfig whose current context it is. */
export interface BenchCluster {
  readonly name: string;
  readonly kubeconfig: string;
}

/** A fleet repository of one App on all its clusters. */
export class Repository {
  readonly root: string;
  readonly namespace: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(root: string, namespace: string, clusters: readonly BenchCluster[]) {
    this.root = root;
    this.namespace = namespace;
    this.env = { ...process.env, KUBECONFIG: clusters.map((one) => one.kubeconfig).join(path.delimiter) };
    mkdirSync(path.join(root, 'app/manifests'), { recursive: true });
    const documents = [
      `kind: Fleet\nmetadata: { name: bench }\nspec: { environments: [{ name: lab }], waves: [{ name: all, select: all }] }\n`,
      ...clusters.map(
        ({ name, kubeconfig }) =>
          `kind: Cluster\nmetadata: { name: ${name} }\nspec: { environment: lab, provider: kubeconfig, kubeconfig: { context: ${contextOf(kubeconfig)} } }\n`,
      ),
    ];
    writeFileSync(path.join(root, 'fleet.yaml'), documents.map((one) => header + one).join('---\n'));
    writeFileSync(
      path.join(root, 'app/app.yaml'),
      `${header}kind: App\nmetadata: { name: ${namespace} }\nspec: { tenant: platform, namespace: ${namespace}, clusters: all, source: { path: manifests } }\n`,
    );
  }

  /** Replaces the App's manifests. */
  write(objects: readonly KubeObject[]): void {
    const text = objects.map(yamlText).join('---\n');
    writeFileSync(path.join(this.root, 'app/manifests/all.yaml'), text);
  }

  /** Writes down which clusters these are. */
  async lock(): Promise<void> {
    mkdirSync(path.join(this.root, 'toryo.lock'), { recursive: true });
    const { files } = await lockFiles({ built: await this.#built() }, { env: this.env }, silent);
    for (const [file, { text }] of files) writeFileSync(path.join(this.root, 'toryo.lock', file), text);
  }

  /** Plans and applies; times in seconds, the writes from the first that is under way to the last that is done. */
  async deliver(): Promise<{ readonly seconds: number; readonly writing: number }> {
    const built = await this.#built();
    let [first, last] = [0, 0];
    const run: Run = {
      ...silent,
      emit: (event) => {
        if (event.verb === 'deliver' && event.subject === 'cluster' && event.state === 'started')
          first ||= performance.now();
        if (event.verb === 'apply') last = performance.now();
      },
    };
    const begun = performance.now();
    const planned = await plan(built, scope, this.env, run);
    const manner = {
      patience: { timeout: 120_000, quiet: 1000 },
      silence: 0,
      isBinding: true,
      isPatient: true,
    };
    const delivered = await apply(built, planned, manner, run);
    const seconds = (performance.now() - begun) / 1000;
    await closeAll(planned.clients);
    const failed = delivered.find((one) => one.outcome !== 'done');
    if (failed !== undefined) throw new Error(JSON.stringify([failed, planned.plan.waves]).slice(0, 2000));
    return { seconds, writing: (last - first) / 1000 };
  }

  async #built(): Promise<NonNullable<Awaited<ReturnType<typeof build>>['value']>> {
    const built = await build(this.root, { env: this.env }, silent);
    if (built.value === undefined) throw new Error(JSON.stringify(built.diagnostics));
    return built.value;
  }
}

const scope = { clusters: [], permissions: { deletions: new Set<string>(), prunes: new Set<string>() } };

function contextOf(kubeconfig: string): string {
  const words = ['--kubeconfig', kubeconfig, 'config', 'current-context'];
  return spawnSync('kubectl', words, { encoding: 'utf8' }).stdout.trim();
}
