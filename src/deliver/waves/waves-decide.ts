import { platformOwner, platformTenant, timeText, type Instant } from '../../lib/index.ts';
import {
  isOfThisChange,
  isThere,
  soakEnd,
  stateOf,
  type Judged,
  type Silence,
  type Standing,
} from './standing-decide.ts';
import { undoneText, undoneWhy } from '../plan/prune-plan.ts';
import { stopOf, type Stop } from './stop-decide.ts';

/** One wave as a decision needs it. */
export interface WaveOrder {
  readonly name: string;
  readonly clusters: readonly string[];
  /** How many clusters move at once: a number, or a share of them; all when left out. */
  readonly atOnce: string | number | undefined;
  readonly stopAfterFailures: number;
  /** How long everything must stay healthy, in milliseconds. */
  readonly soak: number;
  readonly hasGates: boolean;
}

/** A cluster that may not be changed now, and when it may. */
export interface Hold {
  readonly why: string;
  readonly until: Instant | undefined;
  /** True: what was delivered before may still be mended. */
  readonly letsDrift?: boolean;
}

/** All that a decision is made from: records of all clusters, the clock, and what is under way. */
export interface Situation {
  readonly at: Instant;
  readonly waves: readonly WaveOrder[];
  readonly standings: readonly Standing[];
  /** Owner -> owners that it needs, as declared. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly silent: ReadonlyMap<string, Silence>;
  readonly holds: ReadonlyMap<string, Hold>;
  /** Clusters that are not this run's: their records count, and nothing is begun there. */
  readonly elsewhere?: ReadonlySet<string>;
  /** False: what fails stays where it is. */
  readonly mayReturn?: boolean;
  /** Clusters that are being written to or waited for. */
  readonly busy: ReadonlySet<string>;
}

/** What one owner's wave is doing on one cluster, for people. */
export interface Judgement {
  readonly owner: string;
  readonly cluster: string;
  readonly wave: string;
  readonly state:
    | 'done'
    | 'open'
    | 'queued'
    | 'waiting'
    | 'soaking'
    | 'gate'
    | 'held'
    | 'silent'
    | 'failed'
    | 'halted'
    | 'returning'
    | 'returned'
    | 'stuck';
  readonly why: string;
  readonly until?: Instant;
}

/** Owners whose wave waits for its gates. */
export interface GateCall {
  readonly wave: string;
  readonly owners: readonly string[];
  readonly clusters: readonly string[];
}

/** What is to be done next; nothing open, nothing going back, no gate and no time to wait for: the waves are at an end. */
export interface WaveDecision {
  /** Cluster -> owners that may move there now. */
  readonly open: ReadonlyMap<string, ReadonlySet<string>>;
  /** Cluster -> owners that go back to the revision before. */
  readonly back: ReadonlyMap<string, ReadonlySet<string>>;
  readonly gates: readonly GateCall[];
  /** Cluster -> owners whose health is watched while they soak. */
  readonly soaking: ReadonlyMap<string, ReadonlySet<string>>;
  readonly judgements: readonly Judgement[];
  /** When to look again though nothing happened. */
  readonly wake: Instant | undefined;
}

/** How many clusters of a wave move at once: a share rounds down, at least 1; all when nothing is said. */
export function atOnceOf(wave: Pick<WaveOrder, 'atOnce' | 'clusters'>): number {
  const { atOnce, clusters } = wave;
  if (atOnce === undefined) return Math.max(1, clusters.length);
  const count =
    typeof atOnce === 'number' ? atOnce : Math.floor((Number.parseInt(atOnce, 10) * clusters.length) / 100);
  return Math.max(1, count);
}

/** Decides who moves, who goes back and who waits. Pure: the same records and clock give the same decision. */
export function decideWaves(situation: Situation): WaveDecision {
  const decider = new Decider(situation);
  for (const group of groupsOf(decider.moving, situation.needs).toSorted(tenantsFirst)) decider.decide(group);
  return decider.decision();
}

/**
 * Owners that move together: those that are joined by declared needs among the ones whose revision moves. Who only has drift
 * repaired is joined to nobody.
 */
function groupsOf(
  moving: ReadonlyMap<string, readonly Judged[]>,
  needs: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>([...moving.keys()].map((owner) => [owner, [owner]]));
  const joined = new Map([...groups].filter(([owner]) => moving.get(owner)?.some(isJoining)));
  for (const owner of joined.keys())
    for (const need of needs.get(owner) ?? []) {
      const [mine, theirs] = [groups.get(owner), joined.has(need) ? groups.get(need) : undefined];
      if (mine === undefined || theirs === undefined || mine === theirs) continue;
      mine.push(...theirs);
      for (const member of theirs) groups.set(member, mine);
    }
  return [...new Set(groups.values())];
}

class Decider {
  readonly moving = new Map<string, readonly Judged[]>();
  readonly #situation: Situation;
  readonly #places = new Map<string, number>();
  readonly #room: number[];
  readonly #open = new Map<string, Set<string>>();
  readonly #back = new Map<string, Set<string>>();
  readonly #soaking = new Map<string, Set<string>>();
  readonly #gates: GateCall[] = [];
  readonly #judgements: Judgement[] = [];
  readonly #wakes: Instant[] = [];

  constructor(situation: Situation) {
    this.#situation = situation;
    for (const [index, wave] of situation.waves.entries())
      for (const cluster of wave.clusters) this.#places.set(cluster, index);
    this.#room = situation.waves.map(
      (wave) => atOnceOf(wave) - wave.clusters.filter((name) => situation.busy.has(name)).length,
    );
    const judged = situation.standings.map((standing): Judged => ({
      ...standing,
      state: stateOf(standing, situation.silent.get(standing.cluster)),
      wave: this.#places.get(standing.cluster) ?? 0,
    }));
    for (const [owner, standings] of Map.groupBy(judged, (one) => one.owner)) {
      if (isMoving(standings)) this.moving.set(owner, standings);
      else for (const one of standings) this.#judgeResting(one);
    }
  }

  #judgeResting(one: Judged): void {
    if (one.state === 'settled') this.#judge(one, 'done');
    else this.#judge(one, 'silent', this.#silence(one));
  }

  #silence(one: Judged): string {
    return this.#situation.silent.get(one.cluster)?.why ?? '';
  }

  #judge(one: Judged, state: Judgement['state'], why = '', until?: Instant): void {
    const wave = this.#situation.waves[one.wave]?.name ?? '';
    this.#judgements.push({
      owner: one.owner,
      cluster: one.cluster,
      wave,
      state,
      why,
      ...(until === undefined ? {} : { until }),
    });
    // A freeze may last for weeks: nobody sits and waits for its end.
    if (until !== undefined && state !== 'held') this.#wakes.push(until);
  }

  decide(group: readonly string[]): void {
    const standings = group.flatMap((owner) => this.moving.get(owner) ?? []);
    const stop = stopOf(standings, this.#situation);
    if (stop !== undefined) {
      this.#stop(standings, stop);
      return;
    }
    let before: string | undefined;
    for (const [index, wave] of this.#situation.waves.entries()) {
      const here = standings.filter((one) => one.wave === index);
      if (here.length === 0) continue;
      for (const one of here) this.#decideOne(one, before ?? this.#groundOf(one));
      // What nothing waits for neither soaks nor asks its gates.
      const isFollowed = standings.some((one) => one.wave > index && !isSettled(one) && !isThere(one));
      if (before === undefined && isFollowed) before = this.#unpassed(here, wave);
      else for (const one of here.filter(isSettled)) this.#judge(one, 'done');
    }
  }

  #stop(standings: readonly Judged[], stop: Stop): void {
    for (const one of standings) {
      const isGoing = stop.isReturning && (one.state === 'returning' || isOfThisChange(one));
      const isHeldUp = this.#situation.silent.has(one.cluster) || one.hindrance !== undefined;
      if (isGoing && !isHeldUp) this.#return(one, stop.why);
      else if (one.state === 'drifted' && !isHeldUp) this.#decideOne(one, undefined);
      else this.#judgeStopped(one, stop.why);
    }
  }

  #return(one: Judged, why: string): void {
    this.#judge(one, 'returning', why);
    if (!this.#situation.busy.has(one.cluster) && !this.#isElsewhere(one))
      put(this.#back, one.cluster, one.owner);
  }

  #judgeStopped(one: Judged, why: string): void {
    const state = one.hindrance === undefined ? ending[one.state] : 'failed';
    const told = one.record?.why === undoneWhy ? undoneText : one.record?.why;
    const own = one.failure ?? told ?? why;
    const reasons = {
      silent: this.#silence(one),
      halted: why,
      done: isAskedBack(one) ? why : '',
      failed: one.hindrance ?? why,
      returned: own,
      stuck: own,
    };
    this.#judge(one, state, reasons[state]);
  }

  #decideOne(one: Judged, before: string | undefined): void {
    const { silent } = this.#situation;
    const hold = this.#holdOn(one);
    if (one.state === 'settled') return;
    if (silent.has(one.cluster)) this.#judge(one, 'silent', this.#silence(one));
    else if (one.state === 'hindered') this.#judge(one, 'failed', one.hindrance);
    else if (one.state === 'failed') this.#judge(one, 'failed', one.failure ?? one.record?.why);
    else if (before !== undefined && one.state === 'ready') this.#judge(one, 'waiting', before);
    else if (hold !== undefined) this.#judge(one, 'held', hold.why, hold.until);
    else this.#admit(one);
  }

  #isElsewhere(one: Judged): boolean {
    return this.#situation.elsewhere?.has(one.cluster) === true;
  }

  #holdOn(one: Judged): Hold | undefined {
    const hold = this.#situation.holds.get(one.cluster);
    return hold?.letsDrift === true && one.state === 'drifted' ? undefined : hold;
  }

  // All owners that may move on a cluster move in one go: the cluster is read and waited for once.
  #admit(one: Judged): void {
    if (this.#isElsewhere(one)) return this.#judge(one, 'queued', 'it is not among the clusters of this run');
    const isGoing = this.#open.has(one.cluster);
    const room = this.#room[one.wave] ?? 0;
    if (this.#situation.busy.has(one.cluster) || (!isGoing && room <= 0)) {
      this.#judge(one, 'queued', 'waits for its turn in the wave');
      return;
    }
    if (!isGoing) this.#room[one.wave] = room - 1;
    put(this.#open, one.cluster, one.owner);
    this.#judge(one, 'open', begunText(one));
  }

  /** What keeps the waves after this one waiting; undefined when all of it passed. */
  #unpassed(here: readonly Judged[], wave: WaveOrder): string | undefined {
    const settled = here.filter(isSettled);
    const soaking = settled.flatMap((one) => this.#soak(one, wave));
    for (const one of settled) if (!soaking.some((other) => other.one === one)) this.#judge(one, 'done');
    if (soaking.length > 0)
      return `wave ${wave.name} ${this.#soakText(latest(soaking.map((one) => one.until)))}`;
    if (settled.length < here.length) return `wave ${wave.name} is not done${lostText(here)}`;
    return wave.hasGates && this.#callsGates(here, wave)
      ? `wave ${wave.name} waits for its gates`
      : undefined;
  }

  #soak(one: Judged, wave: WaveOrder): readonly { readonly one: Judged; readonly until: Instant }[] {
    const until = soakEnd(one, wave.soak, this.#situation.at);
    if (until === undefined) return [];
    put(this.#soaking, one.cluster, one.owner);
    this.#judge(one, 'soaking', this.#soakText(until), until);
    return [{ one, until }];
  }

  #soakText(until: Instant): string {
    return `soaks until ${timeText(until, this.#situation.at)}`;
  }

  #callsGates(here: readonly Judged[], wave: WaveOrder): boolean {
    const open = here.filter((one) => needsGates(one) && !this.#isElsewhere(one));
    if (open.length === 0) return false;
    const names = (pick: (one: Judged) => string): readonly string[] => [...new Set(open.map(pick))];
    this.#gates.push({
      wave: wave.name,
      owners: names((one) => one.owner),
      clusters: names((one) => one.cluster),
    });
    return true;
  }

  /** What an owner stands on goes before it on every cluster: its tenant, and the platform's rights and roles. */
  #groundOf(one: Judged): string | undefined {
    for (const owner of groundsOf(one.owner)) {
      const ground = this.moving.get(owner)?.find((other) => other.cluster === one.cluster);
      if (ground === undefined || ground.state === 'settled') continue;
      const isGoing = this.#open.get(one.cluster)?.has(owner) === true;
      if (!isGoing) return `${owner} is not done on ${one.cluster}`;
    }
    return undefined;
  }

  decision(): WaveDecision {
    const [wake] = this.#wakes.toSorted();
    return {
      open: this.#open,
      back: this.#back,
      gates: this.#gates,
      soaking: this.#soaking,
      judgements: this.#judgements,
      wake,
    };
  }
}

function begunText({ record, wanted }: Judged): string {
  const hasBegun = record?.phase === 'moving' && record.digest === wanted;
  return hasBegun ? 'its delivery has not ended: an apply is under way, or was interrupted' : '';
}

function isSettled(one: Judged): boolean {
  return one.state === 'settled';
}

function needsGates({ record, wish, wanted }: Judged): boolean {
  if (record === undefined || record.phase === 'passed' || record.phase === 'returned') return false;
  return wish?.promoted === undefined || wish.promoted !== wanted;
}

/** True when a person wants this very revision to go back. */
function isAskedBack({ wish, wanted }: Judged): boolean {
  return wish?.returned !== undefined && wish.returned === wanted;
}

// A cluster that does not answer holds up what moves elsewhere; alone it tells nothing about an owner.
function isMoving(standings: readonly Judged[]): boolean {
  return !standings.every(isQuiet) || standings.some(isAskedBack) || !standings.some(isSettled);
}

function isJoining(one: Judged): boolean {
  return isAskedBack(one) || !(isThere(one) || isQuiet(one));
}

function isQuiet({ state }: Judged): boolean {
  return ['settled', 'silent', 'lost'].includes(state);
}

/** The platform's own tenant, then tenants, then what belongs to them. */
function tenantsFirst(left: readonly string[], right: readonly string[]): number {
  const rank = (group: readonly string[]): number =>
    Math.min(...group.map((owner) => groundsOf(owner).length));
  return rank(left) - rank(right);
}

/** Owners that an owner stands on without saying so. */
function groundsOf(owner: string): readonly string[] {
  if (owner === platformOwner) return [];
  const [kind, tenant = ''] = owner.split('/');
  return kind === 'App' && tenant !== platformTenant ? [platformOwner, `Tenant/${tenant}`] : [platformOwner];
}

/** How a standing ends in a group that goes no further. */
const ending = {
  settled: 'done',
  drifted: 'halted',
  ready: 'halted',
  failed: 'failed',
  hindered: 'failed',
  returning: 'halted',
  returned: 'returned',
  stuck: 'stuck',
  silent: 'silent',
  lost: 'silent',
} as const;

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function lostText(here: readonly Judged[]): string {
  const lost = [...new Set(here.filter((one) => one.state === 'lost').map((one) => one.cluster))];
  return lost.length === 0 ? '' : `: ${lost.join(', ')} cannot be reached`;
}

function latest(instants: readonly Instant[]): Instant {
  return instants.toSorted().at(-1) ?? '';
}
