import { describe, expect, it } from 'vitest';
import type { AccessSentence } from '../guard/index.ts';
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
