import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../src/catalog/index.ts';
import { compile, type Bundle } from '../src/compile/index.ts';
import { andThen, type Checked, type Run } from '../src/lib/index.ts';
import { ownerName } from '../src/objects/index.ts';
import { render } from '../src/render/index.ts';
import { load } from '../src/spec/index.ts';

const example = fileURLToPath(new URL('../examples/upstream', import.meta.url));
const shared = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
const corpus = process.env['TORYO_CORPUS'] ?? shared;
const isThere = existsSync(path.join(corpus, 'argo-cd', 'install.yaml'));
const folder = mkdtempSync(path.join(tmpdir(), 'toryo-corpus-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run: Run = {
  signal: new AbortController().signal,
  now: () => '2026-11-21T00:00:00Z',
  emit: () => undefined,
};

async function bundlesOf(
  root: string,
  mounts: ReadonlyMap<string, string>,
): Promise<Checked<readonly Bundle[]>> {
  const env = { ...process.env, TORYO_CACHE: undefined };
  return andThen(await load(root, run, { mounts }), async (fleet) =>
    andThen(await render(fleet, loadCatalog(), run, env), (rendered) => compile(fleet, rendered)),
  );
}

const told = (checked: Checked<unknown>, severity: 'error' | 'warning'): readonly string[] =>
  checked.diagnostics.filter((one) => one.severity === severity).map((one) => `${one.code} ${one.at.file}`);

describe('examples/upstream without its folder', () => {
  it('says at each source what is missing and which variable to set', async () => {
    const checked = await bundlesOf(example, new Map());
    expect(checked.value).toBeUndefined();
    expect(new Set(told(checked, 'error'))).toEqual(
      new Set(
        ['argo-cd', 'contour', 'kube-prometheus', 'metrics-server'].map(
          (name) => `TRY-SPEC-041 apps/${name}.yaml`,
        ),
      ),
    );
    expect(checked.diagnostics.find((one) => one.code === 'TRY-SPEC-041')?.args['variable']).toBe(
      'TORYO_CORPUS',
    );
  });

  it('says so too when the mounted folder does not hold the source', async () => {
    const checked = await bundlesOf(example, new Map([['corpus', folder]]));
    expect(
      new Set(checked.diagnostics.filter((one) => one.severity === 'error').map((one) => one.code)),
    ).toEqual(new Set(['TRY-SPEC-029']));
  });
});

describe.skipIf(!isThere)('examples/upstream (skipped without ../shared/corpus or TORYO_CORPUS)', () => {
  const mounts = new Map([['corpus', corpus]]);

  it('compiles to one bundle with every project’s objects', async () => {
    const checked = await bundlesOf(example, mounts);
    expect(told(checked, 'error')).toEqual([]);
    const manifests = checked.value?.[0]?.manifests ?? [];
    const owners = new Set(manifests.map((one) => ownerName(one.owner)));
    for (const name of ['argo-cd', 'contour', 'kuard', 'kube-prometheus', 'metrics-server'])
      expect(owners).toContain(`App/platform/${name}`);
    const ofApps = manifests.filter((one) => 'app' in one.owner);
    expect(ofApps.length).toBeGreaterThan(200);
    expect(ofApps.every((one) => one.from.file.startsWith('corpus/'))).toBe(true);
    expect(JSON.stringify(manifests)).not.toContain('config.kubernetes.io/origin');
  });

  it('puts what names no namespace into its App’s', async () => {
    const manifests = (await bundlesOf(example, mounts)).value?.[0]?.manifests ?? [];
    const find = (kind: string, name: string): string | undefined =>
      manifests.find((one) => one.object.kind === kind && one.object.metadata.name === name)?.object.metadata
        .namespace;
    expect(find('Deployment', 'argocd-server')).toBe('argocd');
    expect(find('Deployment', 'kuard')).toBe('default');
    expect(find('Deployment', 'contour')).toBe('projectcontour');
    expect(
      find('RoleBinding', 'prometheus-adapter-auth-reader') ??
        find('RoleBinding', 'resource-metrics-auth-reader'),
    ).toBe('kube-system');
  });

  it('lets its Secrets pass by the Waiver, as warnings', async () => {
    const warnings = told(await bundlesOf(example, mounts), 'warning');
    expect(warnings).toContain('TRY-OBJ-005 corpus/kube-prometheus/grafana-config.yaml');
  });

  it('names both files of one object with two owners when `without` is taken out', async () => {
    const copy = path.join(folder, 'upstream');
    cpSync(example, copy, { recursive: true });
    const file = path.join(copy, 'apps', 'kube-prometheus.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.indexOf('  without:')));
    const checked = await bundlesOf(copy, mounts);
    const twice = checked.diagnostics.filter((one) => one.code === 'TRY-OBJ-004');
    const places = twice.map((one) => [one.args['object'], one.at.file, one.args['other']]);
    expect(places).toEqual([
      [
        'ClusterRole/system:aggregated-metrics-reader',
        'corpus/metrics-server/rbac.yaml',
        expect.stringContaining('prometheusAdapter-clusterRoleAggregatedMetricsReader.yaml:1'),
      ],
      [
        'APIService/v1beta1.metrics.k8s.io',
        'corpus/metrics-server/apiservice.yaml',
        expect.stringContaining('prometheusAdapter-apiService.yaml:1'),
      ],
    ]);
  });
});
