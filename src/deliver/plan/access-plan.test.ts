import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { listed, ours, planned, stored, type Scene } from '../testing/scene.ts';

const group = 'rbac.authorization.k8s.io';

function role(verbs: readonly string[], resource = 'secrets'): KubeObject {
  const { metadata } = ours('read');
  const rules = [{ apiGroups: [''], resources: [resource], verbs }];
  return { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules };
}

function binding(name = 'dev', role = 'read', kind = 'Role'): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: ours(name).metadata,
    roleRef: { apiGroup: group, kind, name: role },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'shop:dev' }],
  };
}

const view: KubeObject = {
  apiVersion: `${group}/v1`,
  kind: 'ClusterRole',
  metadata: { name: 'view' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
};

const access = (scene: Scene): readonly string[] | undefined => {
  const builtInAccess = new Map([['lab', [view]]]);
  const input = { builtInAccess, ...scene.input };
  // Each object is what the server would store of itself.
  return planned({ predicted: {}, ...scene, input }).access?.map(({ what, text }) => `${what}: ${text}`);
};

describe('what a plan says of access', () => {
  it('is nothing when no Role or binding changes', () => {
    const live = [stored(role(['get'], 'pods')), stored(binding())];
    expect(access({ wanted: [role(['get'], 'pods'), binding(), ours('a')], live })).toBeUndefined();
  });

  it('is what a role’s change gives, and the way that it opens', () => {
    const live = [stored(role(['get'], 'pods')), stored(binding())];
    expect(access({ wanted: [role(['get']), binding()], live })).toEqual([
      'escalation: group shop:dev can read secrets in shop-web: get secrets (RoleBinding/shop-web/dev -> Role/shop-web/read)',
      'gained: group shop:dev gains get on secrets in shop-web (RoleBinding/shop-web/dev -> Role/shop-web/read)',
      'lost: group shop:dev loses get on pods in shop-web (RoleBinding/shop-web/dev -> Role/shop-web/read)',
    ]);
  });

  it('is what a deleted binding takes', () => {
    const wanted = [role(['get'], 'pods')];
    const live = [stored(role(['get'], 'pods')), stored(binding())];
    expect(access({ wanted, live, inventory: listed(live) })).toEqual([
      'lost: group shop:dev loses get on pods in shop-web (RoleBinding/shop-web/dev -> Role/shop-web/read)',
    ]);
  });

  it('knows the roles of every API server, and says when it knows none', () => {
    const live = [stored(role(['get'], 'configmaps')), stored(binding())];
    const wanted = [
      role(['get'], 'configmaps'),
      binding(),
      binding('viewers', 'view', 'ClusterRole'),
      binding('others', 'gone', 'ClusterRole'),
    ];
    expect(access({ wanted, live })).toEqual([
      'gained: group shop:dev gains get on pods in shop-web (RoleBinding/shop-web/viewers -> ClusterRole/view)',
      'unknown: group shop:dev gains in shop-web what a role allows that is not known here (RoleBinding/shop-web/others -> ClusterRole/gone)',
    ]);
  });

  it('is one sentence where nothing of ours was there', () => {
    const first = ['gained: 1 subject gets its first rights here: `toryo access page` shows them'];
    expect(access({ wanted: [role(['get']), binding()] })).toEqual(first);
    expect(access({ wanted: [role(['get']), binding()], seen: { is: 'absent' } })).toEqual(first);
  });
});
