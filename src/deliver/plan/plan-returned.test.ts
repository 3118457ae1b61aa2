import { describe, expect, it } from 'vitest';
import type { WaveRecord } from '../../world/index.ts';
import { listed, name, ours, planned, stored, type Scene } from '../testing/scene.ts';

const record: WaveRecord = {
  digest: 'old',
  phase: 'returned',
  since: '2026-01-01T00:00:00Z',
  revision: 'r',
  plan: 'p',
  bad: 'r',
  why: 'bad image',
};
const scene = (input: Scene['input'], more: Partial<WaveRecord> = {}): Scene => ({
  wanted: [ours('new'), { ...ours('kept'), data: { x: 'new' } }],
  live: [stored(ours('kept')), stored(ours('left'))],
  inventory: { ...listed([ours('kept'), ours('left')]), record: { ...record, ...more } },
  input: { revisions: new Map([[name, 'r']]), ...input },
});
const actionsIn = (one: Scene) =>
  planned(one).changes.map(({ subject, action, why }) => [subject.name, action, why]);
const written = [
  ['new', 'create'],
  ['kept', 'configure'],
  ['left', 'delete'],
];

describe('a revision that went back', () => {
  it('is not written: each of its changes says so', () => {
    const why = 'not written: this revision went back here';
    expect(actionsIn(scene({}))).toEqual([
      ['new', 'skip', why],
      ['kept', 'skip', why],
      ['left', 'skip', why],
    ]);
    expect(planned(scene({})).notes).toEqual([
      `${name} is not applied: this revision went back here (bad image). Change it, or \`toryo wave promote ${name}\` lets it be tried again`,
    ]);
  });

  it.each<[string, Scene]>([
    ['another revision is', scene({ revisions: new Map([[name, 'r-2']]) })],
    ['its way back is, while it is gone', scene({ isBack: true }, { phase: 'returning' })],
  ])('%s written', (_what, one) => {
    expect(actionsIn(one).map(([subject, action]) => [subject, action])).toEqual(written);
    expect(planned(one).notes).toBeUndefined();
  });
});

describe('who must agree', () => {
  const need = 'changes in environment prod need an approval';
  const consent = new Map([['lab', need]]);
  const settled: Partial<WaveRecord> = { digest: 'd', phase: 'healthy', bad: undefined };
  const noted = (one: Scene): boolean => planned(one).notes?.includes(need) === true;

  it('is said of what is new, not of drift alone', () => {
    expect(noted(scene({ consent }, { ...settled, digest: 'older' }))).toBe(true);
    expect(noted(scene({ consent }, { ...settled, phase: 'moving' }))).toBe(true);
    expect(noted(scene({ consent }, settled))).toBe(false);
    const infrastructure = new Map([['lab', ['version 1.35 -> 1.36']]]);
    expect(noted(scene({ consent, infrastructure }, settled))).toBe(true);
  });
});
