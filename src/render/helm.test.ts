import { afterAll, describe, expect, it } from 'vitest';
import { removeWorkshops, Workshop } from './testing/workshop.ts';

afterAll(removeWorkshops);

const chart = (name: string, more = ''): string => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
const settings = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }} }
data:
  kube: {{ .Capabilities.KubeVersion.Version }}
  level: {{ .Values.log.level }}
  color: {{ .Values.log.color | default "none" }}
  found: {{ lookup "v1" "Secret" "shop" "db" | len | quote }}
`;
const plainSettings = settings.replace(/ {2}found.*\n/, '');
const files = {
  'app/chart/Chart.yaml': chart('web'),
  'app/chart/values.yaml': 'log: { level: info, color: blue }\n',
  'app/chart/templates/settings.yaml': plainSettings,
  'app/chart/templates/NOTES.txt': 'hello\n',
};
const source = '  source: { helm: { chart: chart, values: { log: { level: debug, color: null } } } }\n';

describe('helm', () => {
  it('renders for the version and namespace of the target, values laid over the chart’s', async () => {
    const workshop = new Workshop(source, files);
    const { on, told } = await workshop.render();
    expect(told).toEqual([]);
    expect(on('lab')).toEqual([
      {
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'web', namespace: 'shop' },
          data: { kube: 'v1.35.0', level: 'debug', color: 'none' },
        },
        from: { file: 'app/chart/templates/settings.yaml', line: 1, column: 1, path: '' },
      },
    ]);
    expect(on('tokyo')[0]?.object['data']).toMatchObject({ kube: 'v1.34.0' });
    expect(workshop.starts()).toBe(2);
    await workshop.render();
    expect(workshop.starts()).toBe(2);
  });

  it('lets a chart see the kinds that CRDs of other owners add', async () => {
    const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: { widgets: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }} }
`;
    const workshop = new Workshop(source, { ...files, 'app/chart/templates/settings.yaml': template });
    expect((await workshop.render()).on('lab')[0]?.object['data']).toEqual({ widgets: 'false' });
    workshop.write('crds/crd.yaml', crd);
    workshop.write(
      'crds/app.yaml',
      `apiVersion: toryo.dev/v1alpha1
kind: App
metadata: { name: widgets }
spec: { tenant: platform, namespace: shop, clusters: { name: lab }, source: { path: crd.yaml } }
`,
    );
    const { on } = await workshop.render();
    expect(on('lab')[0]?.object['data']).toEqual({ widgets: 'true' });
    expect(on('tokyo')[0]?.object['data']).toEqual({ widgets: 'false' });
  });

  it('leaves hooks out: tests silently, others by name', async () => {
    const hook = (name: string, when: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, annotations: { helm.sh/hook: "${when}" } }\n`;
    const { on, told, diagnostics } = await new Workshop(source, {
      ...files,
      'app/chart/templates/tests/try.yaml': hook('try', 'test'),
      'app/chart/templates/migrate.yaml': hook('migrate', 'pre-install,pre-upgrade'),
    }).render();
    expect(on('lab').map((one) => one.object.metadata.name)).toEqual(['web']);
    expect(told).toEqual(['TRY-RENDER-006 app/chart/templates/migrate.yaml:1']);
    expect(diagnostics[0]).toMatchObject({ severity: 'warning', args: { object: 'Pod/migrate' } });
  });

  it('brings CRDs and charts inside charts, each from its file', async () => {
    const { on, told } = await new Workshop(source, {
      ...files,
      'app/chart/Chart.yaml': chart(
        'web',
        'dependencies: [{ name: cache, version: 1.0.0, repository: "https://x.invalid" }]\n',
      ),
      'app/chart/crds/widget.yaml': crd,
      'app/chart/charts/cache/Chart.yaml': chart('cache'),
      'app/chart/charts/cache/templates/account.yaml':
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: cache }\n',
    }).render();
    expect(told).toEqual([]);
    expect(on('lab').map((one) => one.from.file)).toEqual([
      'app/chart/crds/widget.yaml',
      'app/chart/charts/cache/templates/account.yaml',
      'app/chart/templates/settings.yaml',
    ]);
  });
});

describe('helm, bad input', () => {
  it('refuses a dependency that would come from the network', async () => {
    const more = 'dependencies:\n- { name: cache, version: 1.0.0, repository: "https://x.invalid" }\n';
    const workshop = new Workshop(source, { ...files, 'app/chart/Chart.yaml': chart('web', more) });
    expect((await workshop.render()).told).toEqual(['TRY-RENDER-005 app/chart/Chart.yaml:5']);
    expect(workshop.starts()).toBe(0);
  });

  it('tells what the tool says at the source, naming the template', async () => {
    const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Values.a.b }} }\n';
    const { told, diagnostics } = await new Workshop(source, {
      ...files,
      'app/chart/templates/settings.yaml': template,
    }).render();
    expect([...new Set(told)]).toEqual(['TRY-RENDER-002 app/app.yaml:8']);
    expect(diagnostics[0]?.args['why']).toMatch(/^template: web\/templates\/settings.yaml:3:.*nil pointer/);
    expect(diagnostics[0]?.args['why']).not.toContain('--debug');
  });

  it('tells a chart that renders nothing', async () => {
    const workshop = new Workshop(source, { ...files, 'app/chart/templates/settings.yaml': '# nothing\n' });
    expect([...new Set((await workshop.render()).told)]).toEqual(['TRY-RENDER-001 app/app.yaml:8']);
  });

  it('warns of what a chart would do differently each time, with its line', async () => {
    const { told, diagnostics } = await new Workshop(source, {
      ...files,
      'app/chart/templates/settings.yaml': settings,
    }).render();
    expect(told).toEqual(['TRY-RENDER-007 app/chart/templates/settings.yaml:8']);
    expect(diagnostics[0]).toMatchObject({ severity: 'warning', args: { what: 'lookup' } });
  });

  it('tells a key written twice at its template', async () => {
    const twice =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { a: b }\ndata: { a: c }\n';
    const workshop = new Workshop(source, { ...files, 'app/chart/templates/settings.yaml': twice });
    expect([...new Set((await workshop.render()).told)]).toEqual([
      'TRY-YAML-003 app/chart/templates/settings.yaml:1',
    ]);
  });

  it('never reads a release name as a flag', async () => {
    const flag = '  source: { helm: { chart: chart, release: "--post-renderer=/bin/false" } }\n';
    const { told, diagnostics } = await new Workshop(flag, files).render();
    expect([...new Set(told)]).toEqual(['TRY-RENDER-002 app/app.yaml:8']);
    expect(diagnostics[0]?.args['why']).toMatch(/invalid release name/);
  });

  it('does not read registries yet', async () => {
    const remote = '  source: { helm: { chart: "oci://registry.example.com/charts/web" } }\n';
    const workshop = new Workshop(remote, files);
    expect((await workshop.render()).told).toEqual(expect.arrayContaining(['TRY-RENDER-003 app/app.yaml:8']));
    expect(workshop.starts()).toBe(0);
  });
});

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Widget, plural: widgets }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`;
