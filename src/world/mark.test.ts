import { describe, expect, it } from 'vitest';
import { known, unknown } from '../lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../objects/index.ts';
import type { Inventory } from './inventory.ts';
import { isMarked, markedAgain, unmarkedIn } from './mark.ts';

const marks = {
  'toryo.dev/managed': 'true',
  'toryo.dev/fleet': 'acme',
  'toryo.dev/owner': 'tenant.shop',
};
const applied = [{ manager: 'toryo-acme', operation: 'Apply' }];
const space = (
  labels: Readonly<Record<string, string>>,
  managedFields: readonly object[] = applied,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', uid: 'u', labels, managedFields },
});
const { 'toryo.dev/managed': _managed, ...rest } = marks;
const lost = space(rest);
const key = keyOf(refOf(lost));
const listed = (uid = 'u') => {
  const items = [{ ref: refOf(lost), uid }];
  const inventory: Inventory = { owner: { tenant: 'shop' }, name: 'inventory', digest: 'd', items };
  return known(new Map([['Tenant/shop', inventory]]));
};
const found = (object: KubeObject | undefined, inventories: Parameters<typeof unmarkedIn>[1] = listed()) =>
  [...unmarkedIn(new Map([[key, known(object)]]), inventories, 'acme').values()].join();

describe('an object without the mark', () => {
  it('is ours when our inventory lists it and we applied it', () => {
    expect(found(lost)).toBe('Tenant/shop');
    expect(found(space({}))).toBe('Tenant/shop');
    expect(found(space({ ...marks, 'toryo.dev/managed': 'false' }))).toBe('Tenant/shop');
  });

  it.each([
    ['that has it', found(space(marks))],
    ['that is not there', found(undefined)],
    ['of another fleet', found(space({ ...rest, 'toryo.dev/fleet': 'other' }))],
    ['of another owner', found(space({ ...rest, 'toryo.dev/owner': 'tenant.other' }))],
    ['that was made anew', found(lost, listed('other'))],
    ['that was never seen', found(lost, listed(''))],
    ['that nobody lists', found(lost, known(new Map()))],
    ['of a cluster whose inventories are damaged', found(lost, unknown('damaged'))],
    ['that we let go', found(space(rest, []))],
    [
      'that was updated in our name only',
      found(space(rest, [{ manager: 'toryo-acme', operation: 'Update' }])),
    ],
  ])('is not one %s', (_about, answer) => {
    expect(answer).toBe('');
  });

  it('is looked at with it where only that is asked', () => {
    const live = markedAgain(new Map([[key, known(lost)]]), new Map([[key, 'Tenant/shop']]), 'acme');
    const one = live.get(key);
    expect(one?.is === 'known' && isMarked(one.value, 'acme')).toBe(true);
    expect(isMarked(lost, 'acme')).toBe(false);
  });
});
