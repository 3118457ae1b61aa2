import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, clusterText, removeFleets, tenantText } from '../spec/testing/fleet.ts';
import { check, good } from './testing/guard-check.ts';

afterAll(removeFleets);

const web = 'apps/shop/web/manifests/web.yaml';
const open = good.replace('spec: {', 'spec: { hostPID: true,');
const waiver = (more: string): string =>
  `kind: Waiver\nmetadata: { name: node }\nspec: { rule: TRY-SEC-020, target: { app: shop/web }, owner: ann, reason: nodes, ${more} }\n`;

const wrong = {
  tenant:
    'kind: Tenant\nmetadata: { name: pay }\nspec: { clusters: all, teams: [{ name: a, group: b, can: [veiw] }] }\n',
  addon: 'kind: Addon\nmetadata: { name: extra }\nspec: { clusters: all, namspace: a }\n',
} as const;

describe('toryo guard check of a fleet with mistakes', () => {
  it('judges what does not depend on them, and is not green', () => {
    const fleet = aFleet().with(web, open).with('tenants/pay.yaml', wrong.tenant).write();
    const app = check('', '--fleet', fleet, 'App/shop/web');
    expect(app).toMatchObject({ code: 2, out: expect.stringContaining('✗ Pod/shop-web/p') });
    expect(app.err).toContain('did you mean "view"?');
    expect(app.err).toMatch(/✗ 0 allowed, 1 refused, 0 unknown, the fleet has mistakes\n$/);
    const data = check(good, '--fleet', fleet, '-n', 'shop-web', '-', '-o', 'json');
    expect(data.code).toBe(2);
    expect(JSON.parse(data.out)).toEqual([expect.objectContaining({ outcome: 'allowed' })]);
  });

  it.each<[string, (fleet: ReturnType<typeof aFleet>) => unknown, string]>([
    [
      'the Tenant',
      (fleet) => fleet.with('tenants/shop.yaml', tenantText().replace('paths', 'pahts')),
      'unknown Tenant/shop has a mistake',
    ],
    [
      'the profile',
      (fleet) =>
        fleet.with(
          'profiles/restricted.yaml',
          'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { hostPid: true }\n',
        ),
      'unknown SecurityProfile/restricted has a mistake',
    ],
    [
      'a Cluster',
      (fleet) => fleet.with('clusters/lab.yaml', clusterText('environment: staging, provder: sandbox')),
      '? Cluster/lab\n  unknown it has a mistake: nothing was judged on it',
    ],
    [
      'the App',
      (fleet) =>
        fleet.with('apps/shop/web/app.yaml', 'kind: App\nmetadata: { name: web }\nspec: { tenant: shop }\n'),
      '? App/shop/web\n  unknown it has a mistake',
    ],
    [
      'an Addon, which may have policies',
      (fleet) => fleet.with('addons/extra.yaml', wrong.addon),
      'unknown an App or Addon of the platform with a mistake may have policies for it',
    ],
    [
      'a Waiver that has expired',
      (fleet) => fleet.with(web, open).with('waivers/node.yaml', waiver('expires: 2020-01-01')),
      'unknown Waiver/node, which lets it in, has a mistake',
    ],
    [
      'a Waiver that is left out',
      (fleet) => fleet.with(web, open).with('waivers/node.yaml', waiver('expires: never')),
      'what has a mistake, a Waiver or a file of toryo.lock, may let it in',
    ],
  ])('does not pass what depends on %s', (_about, change, wanted) => {
    const fleet = aFleet().with(web, good);
    change(fleet);
    const answer = check('', '--fleet', fleet.write(), 'App/shop/web');
    expect(answer.code).toBe(2);
    expect(answer.out, answer.err).toContain(wanted);
    expect(answer.out).not.toContain('✓');
    expect(answer.err).toMatch(/✗ \d allowed, \d refused, [1-9] unknown, the fleet has mistakes\n$/);
  });

  it('says that nothing was judged where nothing could be', () => {
    const answer = check('', '--fleet', 'nowhere', 'App/shop/web');
    expect(answer).toMatchObject({ code: 2, out: '' });
    expect(answer.err).toMatch(/✗ nothing was judged, for the mistakes above\n$/);
  });
});
