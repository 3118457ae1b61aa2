import { afterAll, describe, expect, it } from 'vitest';
import { unenforcedFields } from './index.ts';
import { isSelected, mayBeSelected } from './selection.ts';
import { aFleet, appText, clusterText, fleetText, removeFleets, shown, tenantText } from './testing/fleet.ts';

afterAll(removeFleets);

describe('variables', () => {
  it('stand for what is known of the cluster', async () => {
    const fleet = await aFleet()
      .with(
        'clusters/lab.yaml',
        clusterText(
          'environment: staging, provider: sandbox, vars: { domain: lab.example.com }, eks: { region: eu-west-1, account: "111122223333" }',
        ),
      )
      .with(
        'apps/shop/web/app.yaml',
        appText(
          '  images: { web: "${cluster.name}|${environment}|${region}|${account}|${vars.domain}" }\n',
        ).replace('clusters: all', 'clusters: { name: lab }'),
      )
      .fleet();
    expect(fleet.apps[0]?.on.get('lab')?.images).toEqual({
      web: 'lab|staging|eu-west-1|111122223333|lab.example.com',
    });
  });

  it('are an error where the cluster does not have them', async () => {
    const text = appText('  images: { web: "${region}" }\n');
    expect(await aFleet().with('apps/shop/web/app.yaml', text).mistakes()).toEqual([
      'TRY-SPEC-016 apps/shop/web/app.yaml:8:18 ${region} is not known here',
    ]);
  });

  it.each([
    ['a namespace', appText().replace('namespace: shop-web', 'namespace: "${environment}"')],
    ['a selector', appText().replace('all', '{ environment: "${environment}" }')],
    ['a need', appText('  needs: ["App/shop/${environment}"]\n')],
    ['a name', appText().replace('name: web', 'name: "${environment}"')],
  ])('are an error in %s', async (_where, text) => {
    expect(await aFleet().with('apps/shop/web/app.yaml', text).mistakes()).not.toEqual([]);
  });
});

describe('selectors', () => {
  const lab = {
    name: 'lab',
    environment: 'staging',
    provider: 'sandbox',
    region: undefined,
    labels: { product: 'shop' },
  };

  it.each([
    ['all', true],
    [{}, true],
    [{ environment: 'staging' }, true],
    [{ name: 'lab', provider: 'sandbox' }, true],
    [{ product: ['pay', 'shop'] }, true],
    [{ product: 'shop', environment: 'production' }, false],
    [{ region: 'eu' }, false],
    [{ toString: 'x' }, false],
    ['lab', false],
    [undefined, false],
  ])('%j', (selector, answer) => {
    expect(isSelected(selector, lab)).toBe(answer);
  });

  it('may mean a cluster of which a part is unknown', () => {
    expect(mayBeSelected({ environment: 'x', product: 'shop' }, { labels: { product: 'shop' } })).toBe(true);
    expect(mayBeSelected({ product: 'pay' }, { labels: { product: 'shop' } })).toBe(false);
    expect(mayBeSelected({ product: 'pay' }, { labels: { product: undefined } })).toBe(true);
    expect(mayBeSelected({ product: 'pay' }, {})).toBe(true);
  });
});

describe('waves', () => {
  it('take a cluster once: the first that matches', async () => {
    const waves = '[{ name: canary, select: { name: tokyo } }, { name: rest, select: all, atOnce: 25% }]';
    const fleet = await aFleet().with('fleet.yaml', fleetText(waves)).fleet();
    expect(fleet.waves).toMatchObject([
      { name: 'canary', clusters: ['tokyo'], atOnce: undefined, stopAfterFailures: 1 },
      { name: 'rest', clusters: ['lab'], atOnce: '25%', stopAfterFailures: 1 },
    ]);
    expect(fleet.clusters.get('tokyo')?.wave).toBe('canary');
  });
});

describe('fields that nothing acts on yet', () => {
  it('are told with their places', async () => {
    const fleet = aFleet()
      .with('fleet.yaml', fleetText('[{ name: a, select: all, soak: 10m }]', '  prune: { atMost: 10% }\n'))
      .with('tenants/shop.yaml', tenantText('  hosts: ["*.example.com"]\n'))
      .with(
        'apps/shop/web/app.yaml',
        appText(
          '  overrides:\n    - select: { name: lab }\n      expose: { host: a.example.com, service: web, port: 80 }\n',
        ),
      );
    const { value, diagnostics } = await fleet.load();
    expect(shown(diagnostics.filter((one) => one.code === 'TRY-SPEC-900'))).toEqual([
      'TRY-SPEC-900 apps/shop/web/app.yaml:10:7 App.spec.expose is declared, not yet enforced by this version',
    ]);
    expect(value?.unenforced.find((one) => one.field === 'App.spec.expose')).toMatchObject({
      isSafety: false,
      clusters: ['lab', 'tokyo'],
    });
  });

  it('are one table', () => {
    const fields = unenforcedFields().map((one) => one.field);
    expect(new Set(fields).size).toBe(fields.length);
    expect(fields).toContain('Fleet.spec.network');
  });
});
