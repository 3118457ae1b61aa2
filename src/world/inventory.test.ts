import { describe, expect, it } from 'vitest';
import { inventoryFrom, inventoryObject, type Inventory } from './inventory.ts';

const inventory: Inventory = {
  owner: { tenant: 'shop', app: 'web' },
  name: 'inventory.app.shop.web',
  digest: 'sha256:1',
  items: [
    { ref: { group: '', kind: 'ConfigMap', namespace: 'shop-web', name: 'a' }, uid: 'u-1' },
    { ref: { group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'b' }, uid: '' },
    { ref: { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'toryo:view' }, uid: 'u-3' },
  ],
};
const object = inventoryObject(inventory, 'acme');
const withData = (data: object) => ({ ...object, data: { ...(object['data'] as object), ...data } });

describe('an inventory', () => {
  it('is read back as it was written', () => {
    expect(inventoryFrom(object)).toEqual(inventory);
  });

  it('is an ApplySet parent', () => {
    expect(object.metadata.labels?.['applyset.kubernetes.io/id']).toMatch(/^applyset-[\w-]{43}-v1$/);
    expect(object.metadata.annotations).toEqual({
      'applyset.kubernetes.io/tooling': 'toryo/v1',
      'applyset.kubernetes.io/contains-group-kinds':
        'ClusterRole.rbac.authorization.k8s.io,ConfigMap,Deployment.apps',
      'applyset.kubernetes.io/additional-namespaces': 'shop-web',
    });
  });

  it.each([
    ['another owner', { owner: 'App/shop/api' }],
    ['no owner', { owner: '' }],
    ['a line that is no JSON', { objects: 'nonsense' }],
    ['a line without uid', { objects: '["/ConfigMap/a/b"]' }],
    ['a line whose key is none', { objects: '["ConfigMap",""]' }],
    ['a record that is no JSON', { record: 'nonsense' }],
    ['an empty record', { record: '{}' }],
    [
      'a phase that there is none of',
      { record: '{"digest":"a","since":"2026-01-01T00:00:00Z","phase":"x"}' },
    ],
    ['a time that is none', { record: '{"digest":"a","since":"yesterday","phase":"healthy"}' }],
  ])('with %s is not read', (_what, data) => {
    expect(inventoryFrom(withData(data))).toBeUndefined();
  });

  it('that lists nothing lists nothing', () => {
    expect(inventoryFrom(withData({ objects: '' }))?.items).toEqual([]);
  });
});
