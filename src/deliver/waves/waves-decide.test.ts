import { describe, expect, it } from 'vitest';
import type { Standing } from './standing-decide.ts';
import {
  all,
  decide,
  done,
  minutesAgo,
  openIn,
  record,
  standing,
  statesIn,
  wave,
  web,
} from '../testing/waves-scene.ts';
import { atOnceOf } from './waves-decide.ts';

describe('atOnceOf', () => {
  it.each([
    [undefined, 8, 8],
    [3, 8, 3],
    [0, 8, 1],
    ['25%', 8, 2],
    ['25%', 7, 1],
    ['10%', 3, 1],
    ['100%', 5, 5],
    [undefined, 0, 1],
  ])('%s of %d clusters is %d', (atOnce, count, wanted) => {
    const clusters = Array.from({ length: count }, (_, index) => `c-${index}`);
    expect(atOnceOf({ atOnce, clusters })).toBe(wanted);
  });
});

describe('waves go in order', () => {
  it('the first one opens alone', () => {
    const decision = decide(all.map((cluster) => standing(cluster)));
    expect(openIn(decision)).toEqual({ c: [web] });
    expect(statesIn(decision)).toMatchObject({ [`${web}@f`]: 'waiting', [`${web}@r1`]: 'waiting' });
  });

  it('the next one opens when all of the one before is healthy', () => {
    expect(openIn(decide([done('c'), standing('f'), standing('r1')]))).toEqual({ f: [web] });
    expect(openIn(decide([done('c'), done('f'), standing('r1'), standing('r2')]))).toEqual({
      r1: [web],
      r2: [web],
    });
  });

  it('a revision that nothing changed is at its end', () => {
    const decision = decide(all.map((cluster) => done(cluster)));
    expect(decision).toMatchObject({ open: new Map(), back: new Map(), gates: [], wake: undefined });
  });

  it('a new owner begins without a record', () => {
    expect(openIn(decide([standing('c', { record: undefined })]))).toEqual({ c: [web] });
  });

  it('what was being written when Toryo died is gone on with', () => {
    expect(openIn(decide([standing('c', { record: record('moving') })]))).toEqual({ c: [web] });
  });

  it('owners move by themselves: one that waits holds up no other', () => {
    const api = (cluster: string): Standing => ({ ...done(cluster), owner: 'App/shop/api' });
    const decision = decide([
      standing('c'),
      standing('f'),
      api('c'),
      { ...standing('f'), owner: 'App/shop/api' },
    ]);
    expect(openIn(decision)).toEqual({ c: [web], f: ['App/shop/api'] });
  });

  it('owners joined by needs move together', () => {
    const api = (one: Standing): Standing => ({ ...one, owner: 'App/shop/api' });
    const standings = [standing('c'), standing('f'), api(done('c')), api(standing('f'))];
    expect(openIn(decide(standings, { needs: new Map([['App/shop/api', [web]]]) }))).toEqual({ c: [web] });
  });

  it('an App waits for its tenant in the waves before', () => {
    const tenant = (one: Standing): Standing => ({ ...one, owner: 'Tenant/shop' });
    const standings = [done('c'), standing('f'), tenant(standing('c')), tenant(standing('f'))];
    const decision = decide(standings);
    expect(openIn(decision)).toEqual({ c: ['Tenant/shop'] });
    expect(decision.judgements.find((one) => one.owner === web && one.cluster === 'f')?.why).toBe(
      'Tenant/shop is not done on f',
    );
  });

  it('nothing is delivered to a cluster before the platform is', () => {
    const platform = (one: Standing): Standing => ({ ...one, owner: 'Tenant/platform' });
    const standings = [
      standing('f', { record: undefined }),
      platform(standing('c')),
      platform(standing('f')),
    ];
    expect(openIn(decide(standings))).toEqual({ c: ['Tenant/platform'] });
    const later = [standing('f', { record: undefined }), platform(done('c')), platform(standing('f'))];
    expect(openIn(decide(later))).toEqual({ f: ['Tenant/platform', web] });
  });

  it('drift is corrected wherever it is, out of turn', () => {
    expect(openIn(decide([standing('c'), standing('r1', { record: record('healthy') })]))).toEqual({
      c: [web],
      r1: [web],
    });
  });

  it('an owner that leaves clusters leaves them in the same order', () => {
    const leaving = all.map((cluster) => standing(cluster, { wanted: undefined }));
    expect(openIn(decide(leaving))).toEqual({ c: [web] });
  });

  it('never more clusters of a wave at once than it says', () => {
    const order = [wave('all', all, { atOnce: '50%' })];
    const decision = decide(
      all.map((cluster) => standing(cluster)),
      { waves: order },
    );
    expect(Object.keys(openIn(decision))).toEqual(['c', 'f']);
    const busy = decide(
      all.map((cluster) => standing(cluster)),
      { waves: order, busy: new Set(['c']) },
    );
    expect(Object.keys(openIn(busy))).toEqual(['f']);
  });
});

describe('soak', () => {
  const soaking = [wave('canary', ['c'], { soak: 40 * 60_000 }), wave('first', ['f'])];
  it('holds the next wave back until it is over', () => {
    const decision = decide([done('c'), standing('f')], { waves: soaking });
    expect(decision.open.size).toBe(0);
    expect(decision.wake).toBe('2026-03-01T12:10:00.000Z');
    expect([...(decision.soaking.get('c') ?? [])]).toEqual([web]);
    expect(statesIn(decision)).toEqual({ [`${web}@c`]: 'soaking', [`${web}@f`]: 'waiting' });
    expect(openIn(decide([done('c', { since: minutesAgo(41) }), standing('f')], { waves: soaking }))).toEqual(
      {
        f: [web],
      },
    );
  });

  it('is no longer than it is when a clock was set back', () => {
    const decision = decide([done('c', { since: '2026-03-02T12:00:00.000Z' }), standing('f')], {
      waves: soaking,
    });
    expect(decision.wake).toBe('2026-03-01T12:40:00.000Z');
  });

  it('is cut short by a person, for that revision only', () => {
    const promoted = (digest: string) => [{ ...done('c'), wish: { promoted: digest } }, standing('f')];
    expect(openIn(decide(promoted('new'), { waves: soaking }))).toEqual({ f: [web] });
    expect(openIn(decide(promoted('other'), { waves: soaking }))).toEqual({});
  });

  it('is not asked of the last wave', () => {
    const last = [wave('canary', ['c'], { soak: 60_000_000 })];
    expect(decide([done('c')], { waves: last }).wake).toBeUndefined();
  });
});

describe('gates', () => {
  const gated = [wave('canary', ['c'], { hasGates: true }), wave('first', ['f'])];
  it('are asked when everything is healthy, and let the next wave go', () => {
    const decision = decide([done('c'), standing('f')], { waves: gated });
    expect(decision.gates).toEqual([{ wave: 'canary', owners: [web], clusters: ['c'] }]);
    expect(decision.open.size).toBe(0);
    const passed = standing('c', { record: record('passed'), hasWork: false });
    expect(openIn(decide([passed, standing('f')], { waves: gated }))).toEqual({ f: [web] });
  });

  it('are not asked when nothing comes after', () => {
    expect(decide([done('c')], { waves: gated }).gates).toEqual([]);
  });
});

describe('clusters that a run leaves alone', () => {
  it('are waited for all the same, and nothing is begun there', () => {
    const decision = decide([standing('c'), standing('f')], { elsewhere: new Set(['c']) });
    expect(decision.open.size).toBe(0);
    expect(openIn(decide([done('c'), standing('f')], { elsewhere: new Set(['c']) }))).toEqual({ f: [web] });
  });
});

describe('a person', () => {
  it('halts a revision, not the one after it', () => {
    const halted = (digest: string) => standing('c', { wish: { halted: { digest, why: 'looks slow' } } });
    expect(decide([halted('new')]).open.size).toBe(0);
    expect(decide([halted('new')]).judgements[0]?.why).toBe('halted: looks slow');
    expect(openIn(decide([halted('other')]))).toEqual({ c: [web] });
  });
});

describe('a cluster that does not answer', () => {
  const silent = (isLost: boolean) => new Map([['c', { why: 'no answer', isLost }]]);
  const standings = [standing('c', { record: undefined }), standing('f')];

  it('neither passes nor is skipped', () => {
    const decision = decide(standings, { silent: silent(false) });
    expect(decision.open.size).toBe(0);
    expect(statesIn(decision)).toEqual({ [`${web}@c`]: 'silent', [`${web}@f`]: 'waiting' });
  });

  it('is a failure after patience, and takes nobody back', () => {
    const order = [wave('canary', ['c', 'f']), wave('rest', ['r1'])];
    const decision = decide([standing('c'), done('f'), standing('r1')], {
      silent: silent(true),
      waves: order,
    });
    expect(decision.back.size).toBe(0);
    expect(decision.judgements.find((one) => one.cluster === 'r1')?.why).toBe(
      'wave canary is not done: c cannot be reached',
    );
  });

  it('holds up nobody that moves nowhere', () => {
    const decision = decide([standing('c', { record: undefined }), done('f')], { silent: silent(false) });
    expect(statesIn(decision)).toEqual({ [`${web}@c`]: 'silent', [`${web}@f`]: 'done' });
  });
});

describe('a hold', () => {
  it('keeps a cluster as it is, drift too, and says until when', () => {
    const holds = new Map([['c', { why: 'frozen: year-end', until: '2027-01-04T00:00:00Z' }]]);
    const drifted = { ...standing('c', { record: record('healthy') }), owner: 'App/shop/api' };
    const decision = decide([standing('c'), drifted, standing('f')], { holds });
    expect(decision.open.size).toBe(0);
    expect(decision.wake).toBeUndefined();
    expect(statesIn(decision)).toMatchObject({ [`${web}@c`]: 'held', 'App/shop/api@c': 'held' });
  });
});
