import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../lib/index.ts';
import { keyOf, type FieldChange, type Owner, type Ref } from '../../objects/index.ts';
import type { ClusterWorld, Inventory } from '../../world/index.ts';
import type { Change } from './change.ts';
import { guardNotes } from './guards-plan.ts';

const platform: Owner = { tenant: 'platform' };
const policy: Ref = {
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
  name: 'toryo-pod-host',
};
const binding: Ref = {
  ...policy,
  kind: 'ValidatingAdmissionPolicyBinding',
  name: 'toryo-pod-host.unknown',
};
const expressions = 'spec.matchResources.namespaceSelector.matchExpressions';
const spared = [{ path: `${expressions}[2].values`, before: ['a', 'b'], after: ['a'] }];
const settings: Ref = { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
const space: Ref = { group: '', kind: 'Namespace', name: 'shop' };
const change = (
  subject: Ref,
  action: Change['action'],
  fields: readonly FieldChange[] = [],
  owner = platform,
): Change => ({
  subject,
  owner,
  action,
  fields,
  checkedBy: 'dry-run',
  hasRights: true,
});
const bundle = {
  cluster: 'lab',
  owners: new Map([
    ['Tenant/platform', 'now'],
    ['Tenant/shop', 'now'],
  ]),
};
const inventory = (owner: Owner, digest: string, ref: Ref, uid = 'u'): Inventory => ({
  owner,
  name: 'inventory',
  digest,
  items: [{ ref, uid }],
});
const worldOf = (inventories: ClusterWorld['inventories']): ClusterWorld => ({
  cluster: 'lab',
  version: 'v1.35.0',
  uid: 'uid',
  identity: undefined,
  inventories,
  live: new Map(),
  predicted: new Map(),
});
const listed = (digest: string, ref = policy, uid = 'u'): ClusterWorld =>
  worldOf(
    known(
      new Map([
        ['Tenant/platform', inventory(platform, digest, ref, uid)],
        ['Tenant/shop', inventory({ tenant: 'shop' }, digest, ref, uid)],
      ]),
    ),
  );
const label = (name: string): readonly FieldChange[] => [
  { path: `metadata.labels.${name}`, before: undefined, after: 'x' },
];

describe('a plan', () => {
  it.each<[string, ClusterWorld, Change, string]>([
    [
      'deleted policies',
      listed('now'),
      change(policy, 'create'),
      'ValidatingAdmissionPolicy/toryo-pod-host was deleted',
    ],
    ['those deleted before a change', listed('before'), change(policy, 'create'), 'was deleted'],
    ['edited policies', listed('now'), change(policy, 'configure'), 'was changed'],
    [
      'namespaces that lost their label',
      listed('now', space),
      change(space, 'configure', label('toryo.dev/guard'), { tenant: 'shop' }),
      'Namespace/shop was changed',
    ],
  ])('tells of %s', (_about, world, one, wanted) => {
    const [note = ''] = guardNotes(bundle, world, [one]);
    expect(note).toContain('guards are weakened on cluster lab: ');
    expect(note).toContain(wanted);
  });

  it('tells of marks that were taken away', () => {
    const unmarked = new Map([
      [keyOf(space), 'Tenant/shop'],
      [keyOf(settings), 'Tenant/shop'],
    ]);
    const world = { ...listed('now', space), unmarked };
    const changes = [space, settings].map((ref) => change(ref, 'configure', [], { tenant: 'shop' }));
    const [note = ''] = guardNotes(bundle, world, changes);
    expect(note).toContain('weakened on cluster lab: the mark of Namespace/shop was taken away, and not by');
  });

  it('tells of Guards that the fallback spares by another’s word', () => {
    const claim = { path: 'spec', manager: 'kubectl-edit', value: 1, wanted: 2 };
    const one = { ...change(binding, 'configure', spared), takes: [claim] };
    expect(guardNotes(bundle, listed('now', binding), [one])[0]).toContain('unknown was changed');
  });

  it.each<[string, ClusterWorld, Change]>([
    ['that spared what has left', listed('now', binding), change(binding, 'configure', spared)],
    ['that is new', listed('now', policy, ''), change(policy, 'create')],
    ['that the repository changes', listed('before'), change(policy, 'configure')],
    ['that stays', listed('now'), change(policy, 'unchanged')],
    ['of which nothing is known', worldOf(unknown('damaged')), change(policy, 'create')],
    [
      'whose other labels differ',
      listed('now', space),
      change(space, 'configure', label('team'), { tenant: 'shop' }),
    ],
  ])('says nothing of a guard %s', (_about, world, one) => {
    expect(guardNotes(bundle, world, [one])).toEqual([]);
  });
});
