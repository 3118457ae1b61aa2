import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toolEnvironment } from './tool.ts';
import { removeWorkshops, Workshop } from './testing/workshop.ts';

afterAll(removeWorkshops);

const files = {
  'app/base/kustomization.yaml': `resources: [web.yaml]
configMapGenerator: [{ name: pages, literals: [title=Acme] }]
`,
  'app/base/web.yaml': `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, annotations: { team: shop } }
`,
  'app/overlays/staging/kustomization.yaml': `resources: [../../base]
namePrefix: staging-
`,
};
const source = '  source: { kustomize: overlays/staging }\n';

describe('kustomize', () => {
  it('renders an overlay, each object from the file that says it', async () => {
    const { on, told } = await new Workshop(source, files).render();
    expect(told).toEqual([]);
    expect(on('lab')).toEqual([
      {
        object: {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'staging-web', annotations: { team: 'shop' } },
        },
        from: { file: 'app/base/web.yaml', line: 6, column: 1, path: '' },
      },
      {
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'staging-pages-86btk8mkdg' },
          data: { title: 'Acme' },
        },
        from: { file: 'app/base/kustomization.yaml', line: 1, column: 1, path: '' },
      },
      {
        object: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'staging-web' },
          spec: { ports: [{ port: 80 }] },
        },
        from: { file: 'app/base/web.yaml', line: 1, column: 1, path: '' },
      },
    ]);
  });

  it('is started once for clusters that want the same, and not at all the next time', async () => {
    const workshop = new Workshop(source, files);
    const first = await workshop.render();
    expect(workshop.starts()).toBe(1);
    expect(first.on('tokyo')).toBe(first.on('lab'));
    const second = await workshop.render();
    expect(workshop.starts()).toBe(1);
    expect(JSON.stringify(second.on('lab'))).toBe(JSON.stringify(first.on('lab')));
    workshop.write('app/base/web.yaml', files['app/base/web.yaml'].replace('port: 80', 'port: 81'));
    await workshop.render();
    expect(workshop.starts()).toBe(2);
  });

  it('never uses a kept result that is not whole', async () => {
    const workshop = new Workshop(source, files);
    const first = await workshop.render();
    const [name = ''] = readdirSync(path.join(workshop.cache, 'render'));
    const kept = path.join(workshop.cache, 'render', name);
    const text = readFileSync(kept, 'utf8');
    for (const broken of ['', text.slice(0, -10), text.replace('Acme', 'Evil'), '# sha256:00\n[]\n']) {
      writeFileSync(kept, broken);
      expect((await workshop.render()).on('lab')).toEqual(first.on('lab'));
      expect(readFileSync(kept, 'utf8')).toBe(text);
    }
    expect(workshop.starts()).toBe(5);
  });

  it('gives the same bytes under the same key wherever the repository stands', async () => {
    const kept = await Promise.all(
      [new Workshop(source, files), new Workshop(source, files)].map(async (workshop) => {
        await workshop.render();
        const folder = path.join(workshop.cache, 'render');
        return readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]);
      }),
    );
    expect(kept[0]).toHaveLength(1);
    expect(kept[1]).toEqual(kept[0]);
  });

  it('names the files as the repository does when that is reached through a link', async () => {
    const workshop = new Workshop(source, files);
    const direct = await workshop.render();
    const linked = await workshop.throughLink().render();
    expect(linked.on('lab')).toEqual(direct.on('lab'));
    expect(workshop.starts()).toBe(2);
  });

  it('sees nothing of the environment and leaves no folder behind', async () => {
    const workshop = new Workshop(source, files);
    await workshop.render();
    const shell = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);
    const seen = workshop.seen().filter((name) => !shell.has(name));
    const expected = Object.keys(toolEnvironment('')).sort();
    expect(seen).toEqual(expected);
    expect(expected.every((name) => /^(HOME|TMPDIR|XDG_.*|HELM_.*|https?_proxy)$/i.test(name))).toBe(true);
    expect(readdirSync(workshop.temporary)).toEqual([]);
  });
});

describe('kustomize, bad input', () => {
  const overlay = 'app/overlays/staging/kustomization.yaml';
  const cases: readonly (readonly [string, string, string])[] = [
    ['a base by URL', 'resources: [https://example.com/web.yaml]\n', 'TRY-RENDER-005'],
    ['a base by host', 'resources:\n- github.com/acme/web//base?ref=v1\n', 'TRY-RENDER-005'],
    ['a base by git address', 'resources: ["git@example.com:acme/web.git"]\n', 'TRY-RENDER-005'],
    [
      'a patch by URL',
      'resources: [../../base]\npatches: [{ path: "http://127.0.0.1:9/p" }]\n',
      'TRY-RENDER-005',
    ],
    ['a base outside of the repository', 'resources: [../../../../elsewhere]\n', 'TRY-SPEC-030'],
    ['a base that is not there', 'resources: [../../bsae]\n', 'TRY-SPEC-029'],
  ];
  it.each(cases)('%s is told with its place, and nothing is started', async (_name, text, code) => {
    const workshop = new Workshop(source, { ...files, [overlay]: text });
    const { told, isRendered } = await workshop.render();
    expect(told).toEqual([`${code} ${overlay}:${text.includes('\n-') || text.includes('\np') ? 2 : 1}`]);
    expect(isRendered).toBe(false);
    expect(workshop.starts()).toBe(0);
  });

  it('tells what the tool says, once, at the source, naming the file', async () => {
    const broken = 'resources: [../../base]\npatches: [{ path: nope.yaml }]\n';
    const workshop = new Workshop(source, { ...files, [overlay]: broken });
    const { diagnostics, told } = await workshop.render();
    expect(told).toEqual(['TRY-RENDER-002 app/app.yaml:8']);
    expect(diagnostics[0]?.args['why']).toMatch(/app\/overlays\/staging\/nope\.yaml: no such file/);
    expect(diagnostics[0]?.args['why']).not.toContain(workshop.folder);
  });

  it('does not run plugins', async () => {
    const text = 'resources: [../../base]\ntransformers: [plugin.yaml]\n';
    const plugin = `apiVersion: v1
kind: Plugin
metadata: { name: p, annotations: { config.kubernetes.io/function: "exec: { path: ./evil }" } }
`;
    const workshop = new Workshop(source, {
      ...files,
      [overlay]: text,
      'app/overlays/staging/plugin.yaml': plugin,
    });
    const { told } = await workshop.render();
    expect(told).toEqual(['TRY-RENDER-002 app/app.yaml:8']);
  });
});
