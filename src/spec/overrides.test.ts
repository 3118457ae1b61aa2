import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, appText, clusterText, removeFleets, tenantText } from './testing/fleet.ts';

afterAll(removeFleets);

const overridden = (entries: string): string =>
  appText(`  images: { web: r/web:1, db: r/db:1 }\n  overrides:\n${entries}`);

describe('overrides', () => {
  it('merge maps, replace lists, remove with null; later wins', async () => {
    const fleet = await aFleet()
      .with(
        'apps/shop/web/app.yaml',
        overridden(
          [
            '    - { select: { environment: production }, images: { web: r/web:2 }, without: [ConfigMap/a, ConfigMap/b] }',
            '    - { select: { name: tokyo }, images: { web: r/web:3, db: null }, without: [ConfigMap/c] }',
            '',
          ].join('\n'),
        ),
      )
      .fleet();
    const [app] = fleet.apps;
    expect(app?.on.get('lab')?.images).toEqual({ web: 'r/web:1', db: 'r/db:1' });
    expect(app?.on.get('tokyo')?.images).toEqual({ web: 'r/web:3' });
    expect(app?.on.get('tokyo')?.without).toEqual(['ConfigMap/c']);
    expect(app?.on.get('lab')?.without).toEqual([]);
  });

  it('merge lists of named things by name', async () => {
    const fleet = await aFleet()
      .with(
        'tenants/shop.yaml',
        tenantText(
          [
            '    - { name: shop-db, profile: restricted, quota: { cpu: "4", pods: 10 } }',
            '  teams: [{ name: dev, group: dev, can: [edit, exec] }, { name: ops, group: ops, can: [admin] }]',
            '  overrides:',
            '    - select: { environment: production }',
            '      teams: [{ name: dev, can: [view] }]',
            '      namespaces: [{ name: shop-db, quota: { cpu: "8" } }]',
            '',
          ].join('\n'),
        ),
      )
      .fleet();
    const on = fleet.tenants.get('shop')?.on.get('tokyo');
    expect(on?.teams).toEqual([
      { name: 'dev', group: 'dev', can: ['view'] },
      { name: 'ops', group: 'ops', can: ['admin'] },
    ]);
    expect(on?.namespaces.map((one) => [one.name, one.quota])).toEqual([
      ['shop-web', undefined],
      ['shop-db', { cpu: '8', pods: 10 }],
    ]);
  });

  it('replace a source as a whole', async () => {
    const fleet = await aFleet()
      .with(
        'apps/shop/web/app.yaml',
        appText('  overrides: [{ select: { name: tokyo }, source: { kustomize: overlay } }]\n'),
      )
      .with('apps/shop/web/overlay/kustomization.yaml', 'resources: [../manifests]\n')
      .fleet();
    expect(fleet.apps[0]?.on.get('tokyo')?.source).toEqual({ kustomize: 'overlay' });
    expect(fleet.apps[0]?.on.get('lab')?.source).toEqual({ path: 'manifests' });
  });

  it('are where a mistake that came from one is told', async () => {
    const fleet = aFleet().with(
      'apps/shop/web/app.yaml',
      appText(
        [
          '  overrides:',
          '    - select: { environment: production }',
          '      source: { path: elsewhere }',
          '      needs: [App/shop/databases]',
          '      expose: { host: "${vars.none}.example.com", service: web, port: 80 }',
          '',
        ].join('\n'),
      ),
    );
    expect(await fleet.mistakes()).toEqual([
      'TRY-SPEC-029 apps/shop/web/app.yaml:10:23 there is no elsewhere',
      'TRY-SPEC-013 apps/shop/web/app.yaml:11:15 there is no App/shop/databases',
      'TRY-SPEC-016 apps/shop/web/app.yaml:12:23 ${vars.none} is not known here',
    ]);
  });

  it('say where the name of a thing that only they add stands', async () => {
    const fleet = aFleet().with(
      'tenants/shop.yaml',
      tenantText('  overrides:\n    - select: all\n      namespaces: [{ name: kube-x, profile: none }]\n'),
    );
    expect(await fleet.mistakes()).toEqual([
      'TRY-SPEC-024 tenants/shop.yaml:10:28 namespace kube-x belongs to the platform',
      'TRY-SPEC-013 tenants/shop.yaml:10:45 there is no SecurityProfile "none"',
    ]);
  });
});

const template = (spec: string): string =>
  `kind: ClusterTemplate\nmetadata: { name: base }\nspec:\n  provider: sandbox\n${spec}`;

describe('templates', () => {
  it('come first, the Cluster after them', async () => {
    const fleet = await aFleet()
      .with(
        'templates/base.yaml',
        template(
          '  version: "1.34"\n  vars: { a: one, b: two }\n  pools: [{ name: general, instanceTypes: [m6i.large], nodes: { min: 1, max: 2 } }]\n',
        ),
      )
      .with(
        'clusters/lab.yaml',
        clusterText(
          'from: base, environment: staging, version: "1.35", vars: { b: null, c: three }, pools: [{ name: general, nodes: { max: 5 } }]',
        ),
      )
      .fleet();
    const lab = fleet.clusters.get('lab');
    expect(lab?.version).toBe('1.35');
    expect(lab?.vars).toEqual({ a: 'one', c: 'three' });
    expect(lab?.pools[0]?.nodes).toEqual({ min: 1, max: 5 });
    expect(lab).not.toHaveProperty('from.name');
  });

  it('are where their mistakes are told, once for many clusters', async () => {
    const fleet = aFleet()
      .with('templates/base.yaml', template('  version: 1.35\n  vars: { a: "${nothing}" }\n'))
      .with('clusters/lab.yaml', clusterText('from: base, environment: staging'))
      .with(
        'clusters/two.yaml',
        clusterText('from: base, environment: staging', 'name: two, labels: { product: shop }'),
      );
    expect(await fleet.mistakes()).toEqual([
      'TRY-SPEC-003 templates/base.yaml:5:12 1.35 is read as the number 1.35, not as text; quote it: "1.35"',
      'TRY-SPEC-016 templates/base.yaml:6:14 ${nothing} is not known here',
    ]);
  });
});
