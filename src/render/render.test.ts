import { afterAll, describe, expect, it } from 'vitest';
import { removeWorkshops, Workshop } from './testing/workshop.ts';

afterAll(removeWorkshops);

const source = '  source: { path: manifests }\n';
const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n';

describe('plain manifests', () => {
  it('are read file by file, Lists taken apart, status and documents of tools left out', async () => {
    const workshop = new Workshop(source, {
      'app/manifests/b.yaml': `# first\n${account}---\nkind: List\napiVersion: v1\nitems:\n- { apiVersion: v1, kind: Service, metadata: { name: b }, status: {} }\n`,
      'app/manifests/a/c.json': '{ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "c" } }',
      'app/manifests/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
      'app/manifests/notes.txt': 'not read',
    });
    const { on, told } = await workshop.render();
    expect(told).toEqual([]);
    const places = on('lab').map(({ object, from }) => `${object.kind} ${from.file}:${from.line}`);
    expect(places).toEqual([
      'Secret app/manifests/a/c.json:1',
      'ServiceAccount app/manifests/b.yaml:2',
      'Service app/manifests/b.yaml:9',
    ]);
    expect(on('lab').some((one) => 'status' in one.object)).toBe(false);
    expect(on('tokyo')).toBe(on('lab'));
    expect(workshop.starts()).toBe(0);
  });

  it('without a kind or a name are told where they begin', async () => {
    const text = `${account}---\napiVersion: v1\nmetadata: { name: b }\n---\napiVersion: v1\nkind: Service\n`;
    const { told, diagnostics, isRendered } = await new Workshop(source, {
      'app/manifests/a.yaml': text,
    }).render();
    expect(told).toEqual(['TRY-OBJ-001 app/manifests/a.yaml:5', 'TRY-OBJ-001 app/manifests/a.yaml:8']);
    expect(diagnostics.map((one) => one.args['missing'])).toEqual(['kind', 'metadata.name']);
    expect(isRendered).toBe(false);
  });

  it('that are nothing are told once', async () => {
    const { told } = await new Workshop(source, { 'app/manifests/a.yaml': '# nothing\n' }).render();
    expect(told).toEqual(['TRY-RENDER-001 app/app.yaml:8']);
  });
});

describe('add-ons', () => {
  const addon = (spec: string): Readonly<Record<string, string>> => ({
    'app/manifests/a.yaml': account,
    'addon.yaml': `apiVersion: toryo.dev/v1alpha1
kind: Addon
metadata: { name: ${spec.includes('misspelt') ? 'metrics-servr' : 'metrics-server'} }
spec:
  from: catalog
  clusters: all
  namespace: { name: kube-system, profile: restricted }
  ${spec.replace('misspelt', '')}
---
apiVersion: toryo.dev/v1alpha1
kind: SecurityProfile
metadata: { name: restricted }
spec: {}
`,
  });

  it('come from the catalogue in the version that is asked for', async () => {
    expect((await new Workshop(source, addon('version: "0.8.0"')).render()).told).toEqual([]);
    const { told, diagnostics } = await new Workshop(source, addon('version: "0.9.9"')).render();
    expect(told).toEqual(['TRY-CAT-001 addon.yaml:8']);
    expect(diagnostics[0]?.args['known']).toContain('0.8.0');
  });

  it('that the catalogue does not have are told with the nearest name', async () => {
    const { told, diagnostics } = await new Workshop(source, addon('misspelt')).render();
    expect(told).toEqual(['TRY-CAT-001 addon.yaml:5']);
    expect(diagnostics[0]?.args['suggestion']).toBe('metrics-server');
  });

  it('of the catalogue take no values', async () => {
    const { told } = await new Workshop(source, addon('values: { replicas: 2 }')).render();
    expect(told).toEqual(['TRY-CAT-002 addon.yaml:8']);
  });
});
