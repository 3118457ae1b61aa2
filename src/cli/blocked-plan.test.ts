import { expect, it } from 'vitest';
import type { Change, Plan } from '../deliver/index.ts';
import { blockedIn } from './blocked-plan.ts';

const change: Change = {
  subject: { group: '', kind: 'ConfigMap', name: 'a' },
  owner: { tenant: 'shop', app: 'web' },
  action: 'blocked',
  fields: [],
  checkedBy: 'dry-run',
  hasRights: true,
};
const on = (cluster: string, isBlocked: boolean): Plan['waves'][number]['clusters'][number] => ({
  cluster,
  digest: 'd',
  state: 'there',
  changes: isBlocked ? [change] : [],
  blockers: isBlocked ? [{ code: 'blocked-change', why: '1 object is blocked' }] : [],
});
const messageOf = (...clusters: Plan['waves'][number]['clusters']): string =>
  blockedIn({ hash: 'h', at: '', waves: [{ wave: 'all', clusters }] }).message;

it('a plan with blocked changes says where they are, and how the other clusters go on', () => {
  expect(messageOf(on('lab', true), on('osaka', false), on('tokyo', true))).toBe(
    '2 changes are blocked on lab, tokyo: nothing was written to any cluster; `-c NAME` for each of the others applies to these alone',
  );
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => on(name, true));
  expect(messageOf(...many)).toBe('5 changes are blocked on a, b, c and 2 more: nothing was written');
  expect(messageOf(on('lab', true))).toBe('1 change is blocked on lab: nothing was written');
});
