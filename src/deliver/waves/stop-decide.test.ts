import type { WaveRecord } from '../../world/index.ts';
import { describe, expect, it } from 'vitest';
import { isAhead, type Standing } from './standing-decide.ts';
import { all, decide, done, openIn, record, standing, statesIn, wave, web } from '../testing/waves-scene.ts';

describe('a failure', () => {
  const failed = (cluster: string, more: Partial<WaveRecord> = {}): Standing =>
    standing(cluster, { record: record('failed', { why: 'web is not available', ...more }) });

  it('takes every cluster of the change back', () => {
    const decision = decide([done('c'), failed('f'), standing('r1'), standing('r2')]);
    expect(Object.fromEntries(decision.back)).toEqual({ c: new Set([web]), f: new Set([web]) });
    expect(statesIn(decision)).toMatchObject({ [`${web}@r1`]: 'halted', [`${web}@r2`]: 'halted' });
    expect(decision.judgements.find((one) => one.cluster === 'r1')?.why).toBe(
      `${web} failed on f: web is not available`,
    );
  });

  it('leaves clusters alone that had the same revision before', () => {
    const decision = decide([done('c', { revision: 'months ago' }), failed('f')]);
    expect(Object.fromEntries(decision.back)).toEqual({ f: new Set([web]) });
  });

  it('waits for a cluster that is still being written to', () => {
    const standings = [done('c'), failed('f'), standing('r1', { record: record('moving') })];
    expect([...decide(standings, { busy: new Set(['r1']) }).back.keys()]).toEqual(['c', 'f']);
    expect([...decide(standings).back.keys()]).toEqual(['c', 'f', 'r1']);
  });

  it('without a way back halts instead, and says why', () => {
    const decision = decide([done('c', { noWayBack: 'deletes Secret/db' }), failed('f'), standing('r1')]);
    expect(decision.back.size).toBe(0);
    expect(decision.open.size).toBe(0);
    expect(decision.judgements.find((one) => one.cluster === 'r1')?.why).toBe(
      `${web} failed on f: web is not available; no way back for ${web} on c: deletes Secret/db`,
    );
  });

  it('of a first delivery is tried again by the next run, not in this one', () => {
    const first = failed('c', { previous: undefined });
    expect(openIn(decide([first]))).toEqual({ c: [web] });
    const again = decide([{ ...first, failure: 'not available' }, standing('f')]);
    expect(again.open.size).toBe(0);
    expect(statesIn(again)).toEqual({ [`${web}@c`]: 'failed', [`${web}@f`]: 'halted' });
  });

  it('stays where it is when a person wants to look at it', () => {
    const decision = decide([done('c'), failed('f'), standing('r1')], { mayReturn: false });
    expect(decision).toMatchObject({ open: new Map(), back: new Map() });
  });

  it('is suffered as often as the wave allows; the next wave waits all the same', () => {
    const order = [wave('all', ['c', 'f', 'r1'], { stopAfterFailures: 2 }), wave('last', ['r2'])];
    const one = decide([failed('c'), standing('f'), standing('r1'), standing('r2')], { waves: order });
    expect(openIn(one)).toEqual({ f: [web], r1: [web] });
    const two = decide([failed('c'), failed('f'), standing('r1'), standing('r2')], { waves: order });
    expect([...two.back.keys()]).toEqual(['c', 'f']);
  });

  it('of one owner leaves those alone that are not joined to it', () => {
    const api = { ...standing('f'), owner: 'App/shop/api' };
    const decision = decide([failed('c'), standing('f'), { ...done('c'), owner: 'App/shop/api' }, api]);
    expect(openIn(decision)).toEqual({ f: ['App/shop/api'] });
  });
});

describe('the way back', () => {
  const returning = standing('f', { record: record('returning', { digest: 'old', bad: 'rev' }) });
  const returned = standing('f', {
    record: record('returned', { digest: 'old', bad: 'rev', why: 'bad image' }),
  });

  it('is gone to its end by whoever finds it', () => {
    expect([...decide([done('c'), returning, standing('r1')]).back.keys()]).toEqual(['c', 'f']);
  });

  it('once gone, the revision is not applied again', () => {
    const decision = decide([{ ...returned, cluster: 'c' }, returned, standing('r1')]);
    expect(decision).toMatchObject({ open: new Map(), back: new Map(), wake: undefined });
    expect(statesIn(decision)).toMatchObject({ [`${web}@f`]: 'returned', [`${web}@r1`]: 'halted' });
  });

  it('says who and where once', () => {
    const why = `${web} failed on f: web is not available`;
    const gone = standing('f', { record: record('returned', { digest: 'old', bad: 'rev', why }) });
    const [, waiting] = decide([gone, standing('r1')]).judgements;
    expect(waiting?.why).toBe(`${web} went back on f: web is not available`);
  });

  it('until a person lets it be tried again', () => {
    const promoted = { ...returned, cluster: 'c', wish: { promoted: 'new' } };
    expect(openIn(decide([promoted, standing('f')]))).toEqual({ c: [web] });
  });

  it('until the revision changes', () => {
    const next = (one: Standing): Standing => ({ ...one, wanted: 'newer', revision: 'rev-2' });
    expect(openIn(decide([next({ ...returned, cluster: 'c' }), next(returned)]))).toEqual({ c: [web] });
  });

  it('that failed halts everything: no third state is tried', () => {
    const stuck = standing('f', { record: record('stuck', { digest: 'old', bad: 'rev' }) });
    const decision = decide([done('c'), stuck, standing('r1')]);
    expect(decision).toMatchObject({ open: new Map(), back: new Map() });
    expect(statesIn(decision)[`${web}@f`]).toBe('stuck');
  });

  it('was not gone where objects were undone by hand: what to do is said instead', () => {
    const undone = record('stuck', { digest: 'new', bad: 'rev', why: 'undone by hand' });
    const decision = decide([standing('c', { record: undone }), standing('f')]);
    const next = 'undone by hand: put what came back into the repository, or change the owner there';
    expect(decision.judgements).toMatchObject([
      { cluster: 'c', state: 'stuck', why: next },
      { cluster: 'f', state: 'halted', why: `${web} on c: ${next}` },
    ]);
  });

  it('can be asked for by a person, of a revision that is settled everywhere', () => {
    const asked = all.map((cluster) => ({ ...done(cluster), wish: { returned: 'new' } }));
    expect([...decide(asked).back.keys()]).toEqual(all);
  });

  it('that is asked for where there is none says why', () => {
    const asked = { ...done('c', { noWayBack: 'deletes Secret/db' }), wish: { returned: 'new' } };
    const decision = decide([asked, done('f')]);
    expect(decision.back.size).toBe(0);
    expect(decision.judgements).toMatchObject([
      { cluster: 'c', state: 'done', why: `no way back for ${web} on c: deletes Secret/db` },
      { cluster: 'f', state: 'done', why: '' },
    ]);
  });

  it('is open in a freeze', () => {
    const holds = new Map(all.map((cluster) => [cluster, { why: 'frozen', until: undefined }]));
    const failed = standing('c', { record: record('failed') });
    expect([...decide([failed, standing('f')], { holds }).back.keys()]).toEqual(['c']);
  });
});

describe('a halt', () => {
  const wish = { halted: { digest: 'new', why: 'by hand' } };

  it('holds moves only: drift of what is there is corrected', () => {
    const drifted = { ...done('c'), hasWork: true, wish };
    const decision = decide([drifted, standing('f', { wish })]);
    expect(openIn(decision)).toEqual({ c: [web] });
    expect(statesIn(decision)[`${web}@f`]).toBe('halted');
  });
});

describe('what says nothing about a revision', () => {
  const hindered = (cluster: string): Standing => standing(cluster, { hindrance: 'somebody else is there' });

  it('takes nothing back: the waves after it wait', () => {
    const decision = decide([done('c'), hindered('f'), standing('r1'), standing('r2')]);
    expect(decision).toMatchObject({ open: new Map(), back: new Map() });
    expect(statesIn(decision)).toMatchObject({ [`${web}@f`]: 'failed', [`${web}@r1`]: 'waiting' });
    expect(decision.judgements.find((one) => one.cluster === 'f')?.why).toBe('somebody else is there');
  });

  it('keeps a way back from being tried again and again', () => {
    const returning = record('returning', { digest: 'old', bad: 'rev' });
    const kept = standing('f', { record: returning, hindrance: 'the lease was lost' });
    const decision = decide([done('c'), kept]);
    expect([...decision.back.keys()]).toEqual(['c']);
    expect(statesIn(decision)[`${web}@f`]).toBe('failed');
  });
});

describe('drift', () => {
  const api = 'App/shop/api';
  const drifted = (cluster: string): Standing => ({ ...done(cluster), owner: api, hasWork: true });
  const needs = new Map([[web, [api]]]);

  it('of what a failed owner needs is repaired, and nothing of it goes back', () => {
    const failed = standing('c', { record: record('failed') });
    const decision = decide([failed, { ...done('c'), owner: api }, drifted('f')], { needs });
    expect(Object.fromEntries(decision.back)).toEqual({ c: new Set([web]) });
    expect(openIn(decision)).toEqual({ f: [api] });
  });

  it('of a later wave asks no gates of a revision that is everywhere', () => {
    const gated = [wave('canary', ['c'], { hasGates: true, soak: 3_600_000 }), wave('first', ['f'])];
    const decision = decide([{ ...done('c'), owner: api }, drifted('f')], { waves: gated });
    expect(decision).toMatchObject({ gates: [], soaking: new Map() });
    expect(openIn(decision)).toEqual({ f: [api] });
  });
});

describe('a soak that a clock ahead began', () => {
  it.each([
    ['2026-03-01T13:00:00.000Z', true],
    ['2026-03-01T12:00:30.000Z', false],
    ['2026-03-01T11:00:00.000Z', false],
  ])('at %s would begin later: %s', (since, isLater) => {
    expect(isAhead(done('c', { since }), '2026-03-01T12:00:00.000Z')).toBe(isLater);
  });
});
