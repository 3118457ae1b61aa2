import { describe, expect, it } from 'vitest';
import type { AccessSentence } from '../guard/index.ts';
import type { Change } from '../deliver/index.ts';
import { planText } from './plan-text.ts';
import { styleFor } from './style.ts';

const sentences = (what: AccessSentence['what'], count: number): readonly AccessSentence[] =>
  Array.from({ length: count }, (_, index) => ({ what, text: `${what} ${index}` }));
const textOf = (access: readonly AccessSentence[], isWide: boolean): string => {
  const cluster = { cluster: 'lab', digest: 'd', state: 'there' as const, changes: [], blockers: [], access };
  const notes = ['a note'];
  const plan = { hash: 'h', at: '', waves: [{ wave: 'all', clusters: [{ ...cluster, notes }] }] };
  return planText(plan, styleFor({}, {}, false), isWide);
};

const change = (name: string, before: unknown, after: unknown): Change => ({
  subject: { group: 'g', kind: 'Policy', name },
  owner: { tenant: 'platform' },
  action: 'configure',
  fields: [{ path: 'spec.value', before, after }],
  checkedBy: 'dry-run',
  hasRights: true,
});
const changesText = (changes: readonly Change[], isWide = false): string => {
  const cluster = { cluster: 'lab', digest: 'd', state: 'there' as const, changes, blockers: [] };
  const plan = { hash: 'h', at: '', waves: [{ wave: 'all', clusters: [cluster] }] };
  return planText(plan, styleFor({}, {}, false), isWide);
};

describe('the fields of a plan', () => {
  it('are cut so that both sides show where they differ', () => {
    const text = changesText([
      change('a', `${'x'.repeat(300)}old${'y'.repeat(200)}`, `${'x'.repeat(300)}new`),
    ]);
    expect(text).toMatch(/spec\.value: …x{30}oldy+… -> …x{30}new\n/);
  });

  it('are told once for objects in which the same changes, and of each when asked', () => {
    const changes = ['a', 'b', 'c', 'd', 'e'].map((name) => change(name, 1, 2));
    const text = changesText([...changes, change('f', 1, 3)]);
    expect(text).toContain('  ~ 5 Policy (a, b, c and 2 more) Tenant/platform\n      spec.value: 1 -> 2\n');
    expect(text).toContain('  ~ Policy/f Tenant/platform\n');
    expect(changesText(changes, true)).toContain('  ~ Policy/e Tenant/platform\n');
  });
});

describe('what a plan tells of access', () => {
  it('leaves out no way to become more, however many there are', () => {
    const text = textOf([...sentences('escalation', 30), ...sentences('gained', 5)], false);
    expect(text.match(/access !/g)).toHaveLength(30);
    expect(text).not.toContain('access +');
    expect(text).toContain('  access: 5 more (-o wide shows them)\n');
  });

  it('names whole roles, and lists what they allow when asked', () => {
    const parts = ['ann gains get on pods', 'ann gains create on jobs'];
    const access = [{ what: 'gained' as const, text: 'ann gains all of ClusterRole/edit', parts }];
    expect(textOf(access, false)).toContain('access + ann gains all of ClusterRole/edit\n  access: -o wide');
    const wide = textOf(access, true);
    expect(wide).toContain('  access + ann gains get on pods\n  access + ann gains create on jobs\n');
    expect(wide).not.toContain('ClusterRole/edit');
  });
});
