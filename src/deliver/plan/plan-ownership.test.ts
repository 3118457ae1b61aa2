import { describe, expect, it } from 'vitest';
import { markOf, withLabels } from '../../objects/index.ts';
import { hashOf } from './hash-plan.ts';
import { bare, name, ours, owner, planned, stored } from '../testing/scene.ts';

const claim = {
  path: 'data.x',
  manager: 'alice',
  time: '2026-01-31T10:32:00Z',
  value: 'theirs',
  wanted: 'ours',
};
const none = new Set<string>();

describe('fields that others have written', () => {
  it('block the object where they are neither taken nor left', () => {
    const [change] = planned({ wanted: [ours('a')], predicted: { stopped: [claim] } }).changes;
    expect(change?.action).toBe('blocked');
    expect(change?.why).toMatch(
      /^data\.x belongs to alice \("theirs", 2026-01-31T10:32:00Z\) and is wanted to be "ours": say in spec\.ownership .*, leave it out of the manifest, or have alice give it up$/,
    );
  });

  it('of an object that is compiled cannot be left out of a manifest', () => {
    const tenant = { tenant: 'shop' };
    const wanted = [ours('a', 'ConfigMap', tenant)];
    const [change] = planned({ wanted, owner: tenant, predicted: { stopped: [claim] } }).changes;
    expect(change?.why).toMatch(/say in spec\.ownership of the Fleet who decides, or have alice give it up$/);
  });

  it('are taken and left as it was predicted, and said', () => {
    const [change] = planned({
      wanted: [ours('a')],
      live: [stored(ours('a'))],
      predicted: { taken: [claim], left: [{ ...claim, path: 'data.y' }] },
    }).changes;
    expect(change).toMatchObject({ takes: [claim], leaves: [{ path: 'data.y' }] });
  });

  it('make another hash when they are taken from somebody else', () => {
    const hash = (manager: string) => {
      const one = planned({ wanted: [ours('a')], predicted: { taken: [{ ...claim, manager }] } });
      return hashOf('acme', [{ wave: 'all', clusters: [one] }]);
    };
    expect(hash('alice')).toBe(hash('alice'));
    expect(hash('alice')).not.toBe(hash('bob'));
  });
});

describe('an object that is nobody’s', () => {
  const adopting = { permissions: { deletions: none, prunes: none, adoptions: new Set([name]) } };
  const theirs = stored(bare('a'), 'u-1', {
    managedFields: [{ manager: 'helm', time: '2026-01-31T10:32:00Z' }],
  });

  it('is adopted by the owners that may, and by no others', () => {
    const [change] = planned({ wanted: [ours('a')], live: [theirs], input: adopting }).changes;
    expect(change).toMatchObject({ action: 'configure', adopts: 'helm, 2026-01-31T10:32:00Z' });
    const others = { permissions: { ...adopting.permissions, adoptions: new Set(['App/shop/api']) } };
    const [blocked] = planned({ wanted: [ours('a')], live: [theirs], input: others }).changes;
    expect(blocked?.action).toBe('blocked');
    expect(blocked?.why).toContain('let it be adopted (`toryo adopt --owner App/shop/web`)');
  });

  it.each([
    ['another owner’s', ours('a', 'ConfigMap', { tenant: 'shop', app: 'api' })],
    ['another fleet’s', withLabels(bare('a'), markOf(owner, 'rival'))],
  ])('but never when it is %s', (_whose, object) => {
    const [change] = planned({ wanted: [ours('a')], live: [stored(object)], input: adopting }).changes;
    expect(change?.action).toBe('blocked');
  });

  it('nor while it is being deleted', () => {
    const going = stored(bare('a'), 'u-1', { deletionTimestamp: 'now' });
    const [change] = planned({ wanted: [ours('a')], live: [going], input: adopting }).changes;
    expect(change?.why).toContain('it is being deleted');
  });
});
