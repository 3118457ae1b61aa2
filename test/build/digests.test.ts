import { afterAll, describe, expect, it } from 'vitest';
import { at, type Diagnostic } from '../../src/lib/index.ts';
import { aFleet, removeFleets, shown, type FleetBuilder } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const one = `sha256:${'1'.repeat(64)}`;
const file = 'apps/shop/web/manifests/web.yaml';
const profile = (name: string, digest: string): string =>
  `kind: SecurityProfile\nmetadata: { name: ${name} }\nspec: { readOnlyRootFilesystem: false, images: { digest: ${digest} } }\n`;
const secure = 'allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }';

function podText(image: string, more = ''): string {
  const pod = 'runAsNonRoot: true, seccompProfile: { type: RuntimeDefault }';
  return `{ ${more}securityContext: { ${pod} }, initContainers: [{ name: init, image: "r.example.com/init@${one}", securityContext: { ${secure} } }], containers: [{ name: web, image: "${image}", securityContext: { ${secure} } }] }`;
}

const deployment = (image: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: ${podText(image, more)}
`;

const app = (more: string): string =>
  `kind: App\nmetadata: { name: web }\nspec:\n  tenant: shop\n  namespace: shop-web\n  clusters: all\n  source: { path: manifests }\n${more}`;

const lock = (lines: string): string => `kind: App\nname: web\ntenant: shop\nimages:\n${lines}`;

function strict(image: string): FleetBuilder {
  return aFleet()
    .with(file, deployment(image))
    .with('profiles/restricted.yaml', profile('restricted', 'required'));
}

async function told(fleet: FleetBuilder): Promise<readonly Diagnostic[]> {
  const { diagnostics } = await compiled(fleet);
  return diagnostics.filter((one) => /^TRY-(LOCK-004|LOCK-003|SEC-029)$/.test(one.code));
}

async function imagesOn(fleet: FleetBuilder, cluster: string): Promise<readonly unknown[]> {
  const { value } = await compiled(fleet);
  const bundle = value?.find((one) => one.cluster === cluster);
  const web = bundle?.manifests.find((one) => one.object.kind === 'Deployment')?.object;
  const pod = at(web, 'spec', 'template', 'spec');
  return [at(pod, 'initContainers', 0, 'image'), at(pod, 'containers', 0, 'image')];
}

describe('digests that a profile requires', () => {
  it('are missed with the file and the line to add, once for all clusters', async () => {
    expect(shown(await told(strict('nginx:1.27')))).toEqual([
      `TRY-LOCK-004 ${file}:1:1 Deployment/shop-web/web on cluster lab, tokyo runs nginx:1.27, and its digest is not under \`images\` of toryo.lock/app-shop-web.yaml: "docker.io/library/nginx:1.27": sha256:…`,
    ]);
    expect((await compiled(strict('nginx:1.27'))).value).toBeUndefined();
  });

  it('are missed where `images` names the image', async () => {
    const fleet = strict('web').with(
      'apps/shop/web/app.yaml',
      app('  images: { web: "r.example.com/web:2" }\n'),
    );
    expect(shown(await told(fleet))[0]).toMatch(
      /^TRY-LOCK-004 apps\/shop\/web\/app\.yaml:8:18 .* runs r\.example\.com\/web:2,/,
    );
  });

  it('come from toryo.lock, the tag kept, also through `images`', async () => {
    const fleet = strict('web')
      .with('apps/shop/web/app.yaml', app('  images: { web: "r.example.com/web:2" }\n'))
      .with('toryo.lock/app-shop-web.yaml', lock(`  "r.example.com/web:2": ${one}\n`));
    expect(await told(fleet)).toEqual([]);
    expect(await imagesOn(fleet, 'tokyo')).toEqual([
      `r.example.com/init@${one}`,
      `r.example.com/web:2@${one}`,
    ]);
  });

  it('are not missed where the image has one, or no profile asks', async () => {
    expect(await told(strict(`r.example.com/web:2@${one}`))).toEqual([]);
    expect(await told(aFleet().with(file, deployment('nginx')))).toEqual([]);
  });

  it('are used wherever they are locked', async () => {
    const fleet = aFleet()
      .with(file, deployment('nginx'))
      .with('toryo.lock/app-shop-web.yaml', lock(`  "docker.io/library/nginx:latest": ${one}\n`));
    expect((await imagesOn(fleet, 'lab'))[1]).toBe(`nginx@${one}`);
  });

  it('cannot be had of a text that names no image', async () => {
    expect(shown(await told(strict('Nginx')))).toEqual([
      expect.stringMatching(/^TRY-SEC-029 .* on cluster lab, tokyo.*Nginx/),
    ]);
  });
});

describe('whose profile it is', () => {
  const tenant = (more: string): string =>
    `kind: Tenant\nmetadata: { name: shop }\nspec:\n  clusters: { product: shop }\n  paths: [apps/shop/**]\n  namespaces:\n    - { name: shop-web, profile: restricted }\n${more}`;

  it('warns elsewhere of what would be promoted without a digest', async () => {
    const fleet = aFleet()
      .with(file, deployment('nginx'))
      .with('profiles/strict.yaml', profile('strict', 'required'))
      .with(
        'tenants/shop.yaml',
        tenant(
          '  overrides: [{ select: { environment: production }, namespaces: [{ name: shop-web, profile: strict }] }]\n',
        ),
      );
    const found = await told(fleet);
    expect(found.map((one) => `${one.severity} ${String(one.args['cluster'])}`)).toEqual([
      'warning lab',
      'error tokyo',
    ]);
  });

  it('warns there also when everything is locked where it is required', async () => {
    const fleet = aFleet()
      .with(file, deployment('web'))
      .with(
        'apps/shop/web/app.yaml',
        app(
          '  images: { web: "r.example.com/web:2" }\n  overrides: [{ select: { environment: production }, images: { web: "r.example.com/web:1" } }]\n',
        ),
      )
      .with('profiles/strict.yaml', profile('strict', 'required'))
      .with(
        'tenants/shop.yaml',
        tenant(
          '  overrides: [{ select: { environment: production }, namespaces: [{ name: shop-web, profile: strict }] }]\n',
        ),
      )
      .with('toryo.lock/app-shop-web.yaml', lock(`  "r.example.com/web:1": ${one}\n`));
    const found = await told(fleet);
    expect(found.map((one) => `${one.severity} ${String(one.args['image'])}`)).toEqual([
      'warning r.example.com/web:2',
    ]);
    expect((await imagesOn(fleet, 'tokyo'))[1]).toBe(`r.example.com/web:1@${one}`);
  });

  it('may be one that is tried: a warning, and nothing is refused', async () => {
    const fleet = aFleet()
      .with(file, deployment('nginx'))
      .with('profiles/strict.yaml', profile('strict', 'required'))
      .with(
        'tenants/shop.yaml',
        tenant('').replace('profile: restricted', 'profile: restricted, trial: { profile: strict }'),
      );
    expect((await told(fleet)).map((one) => one.severity)).toEqual(['warning']);
    expect((await compiled(fleet)).value).toBeDefined();
  });

  it('wants nothing of what a Waiver lets in', async () => {
    const waiver =
      'kind: Waiver\nmetadata: { name: floating }\nspec: { rule: TRY-SEC-029, target: { app: shop/web }, reason: "moves by itself", owner: shop, expires: 2099-01-01 }\n';
    const waivable = 'waivable: { rules: [TRY-SEC-029], atMost: 100000d }, images:';
    const fleet = strict('nginx')
      .with('profiles/restricted.yaml', profile('restricted', 'required').replace('images:', waivable))
      .with('waivers/floating.yaml', waiver);
    expect(shown((await compiled(fleet)).diagnostics.filter((one) => one.severity === 'error'))).toEqual([]);
    expect(await told(fleet)).toEqual([]);
  });

  it('is the service account’s where it has one', async () => {
    const spaces = (account: string, namespace: string): string =>
      tenant('').replace(
        'profile: restricted',
        `profile: ${namespace}, serviceAccounts: { runner: ${account} }`,
      );
    const fleet = (account: string, namespace: string, more: string): FleetBuilder =>
      aFleet()
        .with(file, deployment('nginx', more))
        .with('profiles/strict.yaml', profile('strict', 'required'))
        .with('tenants/shop.yaml', spaces(account, namespace));
    const runner = 'serviceAccountName: runner, ';
    expect(await told(fleet('strict', 'restricted', ''))).toEqual([]);
    expect(await told(fleet('restricted', 'strict', runner))).toEqual([]);
    expect(await told(fleet('strict', 'restricted', runner))).toHaveLength(1);
    expect(await told(fleet('restricted', 'strict', ''))).toHaveLength(1);
  });

  it('is the namespace’s of an Addon', async () => {
    const fleet = aFleet()
      .with('profiles/strict.yaml', profile('strict', 'required'))
      .with(
        'addons/proxy.yaml',
        'kind: Addon\nmetadata: { name: proxy }\nspec: { from: { path: proxy }, clusters: all, namespace: { name: proxy, profile: strict } }\n',
      )
      .with('addons/proxy/proxy.yaml', deployment('r.example.com/proxy:3'));
    expect(shown(await told(fleet))[0]).toContain(
      'toryo.lock/addon-proxy.yaml: "r.example.com/proxy:3": sha256:…',
    );
  });
});

describe('a lock file whose images', () => {
  it.each([
    ['  "r.example.com/web:2": sha256:12\n'],
    [`  "r.example.com/web": ${one}\n`],
    [`  "nginx:1": ${one}\n`],
    ['  [a]\n'],
  ])('are %j is refused', async (lines) => {
    const fleet = aFleet().with('toryo.lock/app-shop-web.yaml', lock(lines));
    expect(shown(await told(fleet))[0]).toMatch(/^TRY-LOCK-003 toryo\.lock\/app-shop-web\.yaml:1:1 .*images/);
  });
});
