import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../src/catalog/index.ts';
import { compile, type Bundle } from '../src/compile/index.ts';
import { andThen, at, listAt, numberAt, objectAt, type Checked, type Run } from '../src/lib/index.ts';
import { podSpecOf, type KubeObject } from '../src/objects/index.ts';
import { render } from '../src/render/index.ts';
import { load } from '../src/spec/index.ts';

const example = fileURLToPath(new URL('../examples/acme', import.meta.url));
const run: Run = {
  signal: new AbortController().signal,
  now: () => '2026-11-21T00:00:00Z',
  emit: () => undefined,
};

let checked: Checked<readonly Bundle[]>;
beforeAll(async () => {
  checked = await andThen(await load(example, run), async (fleet) =>
    andThen(await render(fleet, loadCatalog(), run, process.env), (rendered) => compile(fleet, rendered)),
  );
});

const bundles = (): readonly Bundle[] => checked.value ?? [];
const objectsOn = (cluster: string): readonly KubeObject[] =>
  bundles()
    .filter((one) => one.cluster === cluster)
    .flatMap((one) => one.manifests.map((manifest) => manifest.object));
const named = (cluster: string, kind: string, name: string): KubeObject | undefined =>
  objectsOn(cluster).find((one) => one.kind === kind && one.metadata.name === name);

describe('examples/acme', () => {
  it('compiles to four clusters without an error, and shows what is not enforced yet', () => {
    expect(checked.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    expect(bundles().map((one) => one.cluster)).toEqual([
      'pay-tokyo',
      'shared-tokyo',
      'shop-staging',
      'shop-tokyo',
    ]);
    const fields = checked.diagnostics
      .filter((one) => one.code === 'TRY-SPEC-900')
      .map((one) => one.args['field']);
    expect(fields).not.toContain('Fleet.spec.waves.soak');
    expect(fields.length).toBeLessThanOrEqual(6);
    const count = bundles().reduce((sum, one) => sum + one.manifests.length, 0);
    expect(count).toBeGreaterThan(300);
    expect(count).toBeLessThan(500);
  });

  it('differs by environment where its overrides say so', () => {
    const image = (cluster: string, name: string): unknown =>
      at(named(cluster, 'Deployment', name), 'spec', 'template', 'spec', 'containers', 0, 'image');
    expect(image('shop-staging', 'web')).toBe('registry.acme.example/shop/web:1.5.0');
    expect(image('shop-tokyo', 'web')).toBe('registry.acme.example/shop/web:1.4.2');
    expect(image('shop-staging', 'orders')).toBe('registry.acme.example/shop/orders:2.1.0');
    expect(at(named('shop-staging', 'Deployment', 'web'), 'spec', 'replicas')).toBe(2);
    expect(at(named('shop-tokyo', 'Deployment', 'web'), 'spec', 'replicas')).toBe(4);
    expect(at(named('shop-staging', 'ConfigMap', 'orders'), 'data', 'LOG_LEVEL')).toBe('debug');
    expect(at(named('shop-tokyo', 'HorizontalPodAutoscaler', 'orders'), 'spec', 'minReplicas')).toBe(3);
    expect(named('shop-staging', 'RoleBinding', 'toryo:team:shop-dev:edit')).toBeDefined();
    expect(named('shop-tokyo', 'RoleBinding', 'toryo:team:shop-dev:edit')).toBeUndefined();
  });

  it('leaves replicas to the HorizontalPodAutoscaler where there is one', () => {
    for (const { cluster } of bundles()) {
      for (const scaler of objectsOn(cluster).filter((one) => one.kind === 'HorizontalPodAutoscaler')) {
        const target = objectAt(scaler, 'spec', 'scaleTargetRef');
        const scaled = named(cluster, String(target['kind']), String(target['name']));
        expect(scaled).toBeDefined();
        expect(at(scaled, 'spec', 'replicas')).toBeUndefined();
      }
    }
  });

  it('has only pods that the restricted level admits, but for MetalLB’s speaker', () => {
    for (const object of bundles().flatMap((one) => objectsOn(one.cluster))) {
      const pod = podSpecOf(object);
      if (pod === undefined || object.metadata.namespace === 'kube-system') continue;
      const isSpeaker = object.kind === 'DaemonSet' && object.metadata.name === 'speaker';
      expect(at(pod, 'hostNetwork') ?? false).toBe(isSpeaker);
      expect(at(pod, 'securityContext')).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of listAt(pod, 'containers')) {
        expect(at(container, 'securityContext')).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const host = listAt(container, 'ports').map((port) => numberAt(port, 'hostPort') ?? 0);
        expect(host.filter((port) => port > 0)).toEqual(isSpeaker ? [7472] : []);
      }
    }
  });

  it('gives the same bytes twice', async () => {
    const again = await andThen(await load(example, run), async (fleet) =>
      andThen(await render(fleet, loadCatalog(), run, process.env), (rendered) => compile(fleet, rendered)),
    );
    expect(again.value?.map((one) => one.digest)).toEqual(bundles().map((one) => one.digest));
  });
});
