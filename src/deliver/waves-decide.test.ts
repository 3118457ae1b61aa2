import { describe, expect, it } from 'vitest';
import type { WaveRecord } from '../world/index.ts';
import type { Standing } from './standing-decide.ts';
import { atOnceOf, decideWaves, type Situation, type WaveDecision, type WaveOrder } from './waves-decide.ts';

const at = '2026-03-01T12:00:00.000Z';
const minutesAgo = (minutes: number): string => new Date(Date.parse(at) - minutes * 60_000).toISOString();
const wave = (name: string, clusters: readonly string[], more: Partial<WaveOrder> = {}): WaveOrder => ({
  name,
  clusters,
  atOnce: undefined,
  stopAfterFailures: 1,
  soak: 0,
  hasGates: false,
  ...more,
});
const waves = [wave('canary', ['c']), wave('first', ['f']), wave('rest', ['r1', 'r2'])];
const web = 'App/shop/web';
const record = (phase: WaveRecord['phase'], more: Partial<WaveRecord> = {}): WaveRecord => ({
  digest: 'new',
  phase,
  since: minutesAgo(30),
  revision: 'rev',
  plan: 'p',
  previous: 'old',
  ...more,
});
const old = record('healthy', { digest: 'old', revision: 'rev-before' });
const standing = (cluster: string, more: Partial<Standing> = {}): Standing => ({
  owner: web,
  cluster,
  wanted: 'new',
  revision: 'rev',
  record: old,
  wish: undefined,
  hasWork: true,
  ...more,
});
const done = (cluster: string, more: Partial<WaveRecord> = {}): Standing =>
  standing(cluster, { record: record('healthy', more), hasWork: false });
const decide = (standings: readonly Standing[], more: Partial<Situation> = {}): WaveDecision =>
  decideWaves({
    at,
    waves,
    standings,
    needs: new Map(),
    silent: new Map(),
    holds: new Map(),
    busy: new Set(),
    ...more,
  });
const openIn = (decision: WaveDecision): Record<string, readonly string[]> =>
  Object.fromEntries([...decision.open].map(([cluster, owners]) => [cluster, [...owners]]));
const statesIn = (decision: WaveDecision): Record<string, string> =>
  Object.fromEntries(decision.judgements.map((one) => [`${one.owner}@${one.cluster}`, one.state]));
const all = ['c', 'f', 'r1', 'r2'];

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
      'Tenant/shop is not done on c',
    );
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
    const first = failed('c', { previous: undefined } as never);
    expect(openIn(decide([first]))).toEqual({ c: [web] });
    const again = decide([{ ...first, failure: 'not available' }, standing('f')]);
    expect(again.open.size).toBe(0);
    expect(statesIn(again)).toEqual({ [`${web}@c`]: 'failed', [`${web}@f`]: 'halted' });
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
  const returning = standing('f', { record: record('returning', { digest: 'old', bad: 'new' }) });
  const returned = standing('f', {
    record: record('returned', { digest: 'old', bad: 'new', why: 'bad image' }),
  });

  it('is gone to its end by whoever finds it', () => {
    expect([...decide([done('c'), returning, standing('r1')]).back.keys()]).toEqual(['c', 'f']);
  });

  it('once gone, the revision is not applied again', () => {
    const decision = decide([{ ...returned, cluster: 'c' }, returned, standing('r1')]);
    expect(decision).toMatchObject({ open: new Map(), back: new Map(), wake: undefined });
    expect(statesIn(decision)).toMatchObject({ [`${web}@f`]: 'returned', [`${web}@r1`]: 'halted' });
  });

  it('until the revision changes', () => {
    const next = (one: Standing): Standing => ({ ...one, wanted: 'newer', revision: 'rev-2' });
    expect(openIn(decide([next({ ...returned, cluster: 'c' }), next(returned)]))).toEqual({ c: [web] });
  });

  it('that failed halts everything: no third state is tried', () => {
    const stuck = standing('f', { record: record('stuck', { digest: 'old', bad: 'new' }) });
    const decision = decide([done('c'), stuck, standing('r1')]);
    expect(decision).toMatchObject({ open: new Map(), back: new Map() });
    expect(statesIn(decision)[`${web}@f`]).toBe('stuck');
  });

  it('can be asked for by a person, of a revision that is settled everywhere', () => {
    const asked = all.map((cluster) => ({ ...done(cluster), wish: { returned: 'new' } }));
    expect([...decide(asked).back.keys()]).toEqual(all);
  });

  it('is open in a freeze', () => {
    const holds = new Map(all.map((cluster) => [cluster, { why: 'frozen', until: undefined }]));
    const failed = standing('c', { record: record('failed') });
    expect([...decide([failed, standing('f')], { holds }).back.keys()]).toEqual(['c']);
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
    expect(decision.judgements.find((one) => one.cluster === 'r1')?.why).toBe('c cannot be reached');
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
