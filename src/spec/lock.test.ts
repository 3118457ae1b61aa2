import { afterAll, describe, expect, it } from 'vitest';
import { lockEntriesOf, lockFileOf, lockText } from './index.ts';
import { aFleet, fleetText, removeFleets, shown, type FleetBuilder } from './testing/fleet.ts';

afterAll(removeFleets);

const all = '[{ name: a, select: all }]';
const osaka = 'kind: Cluster\nname: osaka\n';
const pay = 'kind: Tenant\nname: pay\nnamespaces: [pay]\n';
const shop = 'kind: Tenant\nname: shop\nnamespaces: [shop-db, shop-web]\n';

async function locked(): Promise<FleetBuilder> {
  const fleet = await aFleet().fleet();
  const builder = aFleet();
  for (const entry of lockEntriesOf(fleet)) builder.with(`toryo.lock/${lockFileOf(entry)}`, lockText(entry));
  return builder;
}

describe('toryo.lock', () => {
  it('says nothing when it says what the documents say', async () => {
    expect(shown((await (await locked()).load()).diagnostics)).toEqual([]);
  });

  it('is read back as it was written', async () => {
    const { lock } = await (await locked()).fleet();
    expect([...lock.keys()]).toEqual([
      'app-shop-web.yaml',
      'cluster-lab.yaml',
      'cluster-tokyo.yaml',
      'tenant-shop.yaml',
    ]);
    expect(lock.get('tenant-shop.yaml')).toEqual({ kind: 'Tenant', name: 'shop', namespaces: ['shop-web'] });
  });

  it('knows a Cluster, a Tenant and a namespace that vanished', async () => {
    const fleet = aFleet()
      .with('toryo.lock/cluster-osaka.yaml', osaka)
      .with('toryo.lock/tenant-pay.yaml', pay)
      .with('toryo.lock/tenant-shop.yaml', shop);
    expect(await fleet.mistakes()).toEqual([
      'TRY-LOCK-001 toryo.lock/cluster-osaka.yaml:1:1 Cluster/osaka is in toryo.lock, and no document, `moved` or `removed` mentions it',
      'TRY-LOCK-001 toryo.lock/tenant-pay.yaml:1:1 Tenant/pay is in toryo.lock, and no document, `moved` or `removed` mentions it',
      'TRY-LOCK-001 toryo.lock/tenant-shop.yaml:1:1 Namespace/shop/shop-db is in toryo.lock, and no document, `moved` or `removed` mentions it',
    ]);
  });

  it('takes `removed` and `moved` for an answer', async () => {
    const removed =
      '  removed: [{ what: Cluster/osaka, forget: true }, { what: Namespace/shop/shop-db, data: keep }]\n';
    const fleet = aFleet()
      .with('fleet.yaml', fleetText(all, `${removed}  moved: [{ from: Tenant/pay, to: Tenant/shop }]\n`))
      .with('toryo.lock/cluster-osaka.yaml', osaka)
      .with('toryo.lock/tenant-pay.yaml', pay)
      .with('toryo.lock/tenant-shop.yaml', shop);
    expect(await fleet.mistakes()).toEqual([]);
  });

  it('lets Apps and Addons go with their documents', async () => {
    const fleet = aFleet()
      .with('toryo.lock/app-shop-old.yaml', 'kind: App\nname: old\ntenant: shop\n')
      .with('toryo.lock/addon-old.yaml', 'kind: Addon\nname: old\n');
    expect(await fleet.mistakes()).toEqual([]);
  });

  it('calls nothing vanished whose document only has a mistake', async () => {
    const fleet = aFleet()
      .with('tenants/shop.yaml', 'kind: Tenant\nmetadata: { name: shop\n')
      .with('clusters/lab.yaml', 'kind: Cluster\nmetadata: { name: lab }\nspec: { environment: 3 }\n')
      .with('toryo.lock/tenant-shop.yaml', shop)
      .with('toryo.lock/cluster-lab.yaml', 'kind: Cluster\nname: lab\n');
    const codes = (await fleet.load()).diagnostics.map((one) => one.code);
    expect(codes).not.toContain('TRY-LOCK-001');
  });

  it('warns of what it does not know yet', async () => {
    const fleet = (await locked()).without('toryo.lock/tenant-shop.yaml');
    expect(shown((await fleet.load()).diagnostics)).toEqual([
      'TRY-LOCK-002 toryo.lock/tenant-shop.yaml:1:1 Tenant/shop is not in toryo.lock (toryo.lock/tenant-shop.yaml)',
    ]);
  });

  it.each([
    ['no YAML', 'kind: [', 'TRY-YAML-001'],
    ['another name than its file', 'kind: Cluster\nname: other\n', 'TRY-LOCK-003'],
    ['no kind of ours', 'kind: Deployment\nname: osaka\n', 'TRY-LOCK-003'],
    ['nothing', '', 'TRY-LOCK-003'],
  ])('says when a file holds %s', async (_what, text, code) => {
    const { diagnostics } = await aFleet().with('toryo.lock/cluster-osaka.yaml', text).load();
    const errors = diagnostics.filter((one) => one.severity === 'error');
    expect(errors.map((one) => [one.code, one.at.file])).toEqual([[code, 'toryo.lock/cluster-osaka.yaml']]);
  });
});
