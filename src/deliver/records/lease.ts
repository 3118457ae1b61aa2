import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  annotations,
  failure,
  isFailure,
  leaseName,
  stringAt,
  systemNamespace,
  tell,
  type Run,
} from '../../lib/index.ts';
import { refOf, titleOf, type KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';

/** Who holds a lease, and for what. */
export interface Holder {
  /** `ana@host/4711/3f2a…`: person, machine, its boot and process, and this run. */
  readonly identity: string;
  readonly commit: string | undefined;
  /** True when the commit of another holder is older than ours: then it is asked to let go while it only waits. */
  isNewerThan(commit: string): Promise<boolean>;
}

const seconds = 30;
const renewal = (seconds * 1000) / 3;
const pause = 500;
/** A write that is not repeated by itself is tried again so often when its connection breaks. */
const brokenMost = 3;

/** This process as a holder. */
export function holderIdentity(): string {
  return `${userName()}@${hostname()}/${bootId()}/${process.pid}/${randomBytes(3).toString('hex')}`;
}

// A user without an entry in the machine's list has no name: containers are full of them.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return 'boot';
  }
}

/** True for a process of this machine, since it was started, that runs no more: it will never renew. */
function isDead(identity: string): boolean {
  const [person = '', boot, pid] = identity.split('/');
  if (person.slice(person.lastIndexOf('@') + 1) !== hostname() || boot !== bootId()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return stringAt(error, 'code') === 'ESRCH';
  }
}

/** The right to change one cluster. It is renewed until released; once lost, it says so before the next write. */
export class ClusterLease {
  /** Another holder with a newer commit would like to have it. */
  isWanted = false;
  /** Somebody else had it until now: what was seen before may not be so any more. */
  hasWaited = false;
  #lostTo: string | undefined;
  #renewed = performance.now();
  #timer: NodeJS.Timeout | undefined;
  readonly #client: KubeClient;
  readonly #holder: Holder;
  #lease: KubeObject;

  private constructor(client: KubeClient, holder: Holder, lease: KubeObject) {
    [this.#client, this.#holder, this.#lease] = [client, holder, lease];
  }

  /**
   * Takes the lease. Free, let go, or of a process that is dead: at once. Of somebody who does not renew it: after its time.
   * Of somebody who does: TORYO_LOCKED, unless they only wait and our commit is newer.
   */
  static async take(client: KubeClient, holder: Holder, run: Run): Promise<ClusterLease> {
    const bid = new Bid(client, holder, run);
    const lease = new ClusterLease(client, holder, await bid.win());
    lease.hasWaited = bid.hasWaited;
    lease.#timer = setInterval(() => void lease.#renew(), renewal);
    lease.#timer.unref();
    return lease;
  }

  /** Who has it, for people: `ana@host, process 4711`. */
  get holder(): string {
    return shown(this.#holder.identity);
  }

  /** Throws TORYO_LEASE_LOST when somebody else has it, TORYO_KUBE_UNREACHABLE when nobody could be asked for too long. */
  check(): void {
    const { cluster, server } = this.#client;
    if (this.#lostTo !== undefined) throw failure('TORYO_LEASE_LOST', { holder: this.#lostTo }, { cluster });
    if (!this.#isOld) return;
    const why = `not for ${Math.round((performance.now() - this.#renewed) / 1000)} s`;
    throw failure('TORYO_KUBE_UNREACHABLE', { verb: 'renew', what: titleOf(ref), server, why }, { cluster });
  }

  /** Renews it at once where it could not be for long: a cluster was silent and answers again. */
  async confirm(): Promise<void> {
    if (this.#isOld) await this.#renew();
    this.check();
  }

  get #isOld(): boolean {
    return performance.now() - this.#renewed > seconds * 1000 * 0.8;
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    try {
      this.#lease = await this.#client.patch(refOf(this.#lease), renewed(), { type: 'merge' });
      const holder = stringAt(this.#lease, 'spec', 'holderIdentity') ?? '';
      if (holder === this.#holder.identity) this.#renewed = asked;
      else this.#lostTo = holder === '' ? 'nobody' : holder;
      this.isWanted = stringAt(this.#lease, 'metadata', 'annotations', annotations.wantedBy) !== undefined;
    } catch (error) {
      if (isFailure(error, 'TORYO_KUBE_NOT_FOUND')) this.#lostTo = 'nobody: it was deleted';
    }
  }

  /** Lets it go; a cluster that cannot be reached finds out by itself. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#lostTo !== undefined) return;
    const body = {
      metadata: {
        resourceVersion: stringAt(this.#lease, 'metadata', 'resourceVersion'),
        annotations: { [annotations.wantedBy]: null },
      },
      spec: { holderIdentity: '' },
    };
    await this.#client.patch(refOf(this.#lease), body, { type: 'merge' }).catch(() => undefined);
  }
}

const ref = { group: 'coordination.k8s.io', kind: 'Lease', namespace: systemNamespace, name: leaseName };

function renewed(): object {
  return { spec: { renewTime: microTime() } };
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

/** One attempt to get a lease. */
class Bid {
  readonly #client: KubeClient;
  readonly #holder: Holder;
  readonly #run: Run;
  #seen: { readonly mark: string; readonly at: number } | undefined;
  hasWaited = false;
  #hasAsked = false;
  #broken = 0;

  constructor(client: KubeClient, holder: Holder, run: Run) {
    [this.#client, this.#holder, this.#run] = [client, holder, run];
  }

  async win(): Promise<KubeObject> {
    for (;;) {
      const won = await this.#try();
      if (won !== undefined) return won;
      this.hasWaited = true;
      await sleep(pause, undefined, { signal: this.#run.signal });
    }
  }

  async #try(): Promise<KubeObject | undefined> {
    const lease = await this.#client.get(ref);
    const other = stringAt(lease, 'spec', 'holderIdentity') ?? '';
    // It was written, and the answer was lost.
    if (lease !== undefined && other === this.#holder.identity) return lease;
    try {
      if (lease === undefined) return await this.#client.create(this.#wanted());
      if (other === '' || isDead(other) || this.#isAbandoned(lease)) return await this.#takeOver(lease);
      await this.#askOrGiveUp(lease, other);
      return undefined;
    } catch (error) {
      if (!this.#mayLookAgain(error)) throw error;
      return undefined;
    }
  }

  /** Somebody else was faster, or the answer was lost. */
  #mayLookAgain(error: unknown): boolean {
    if (isFailure(error, 'TORYO_KUBE_CONFLICT')) return true;
    this.#broken += 1;
    return isFailure(error, 'TORYO_KUBE_UNREACHABLE') && this.#broken <= brokenMost;
  }

  #wanted(): KubeObject {
    const { identity, commit } = this.#holder;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: leaseName,
        namespace: systemNamespace,
        ...(commit === undefined ? {} : { annotations: { [annotations.commit]: commit } }),
      },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: seconds,
        acquireTime: microTime(),
        renewTime: microTime(),
      },
    };
  }

  async #takeOver(lease: KubeObject): Promise<KubeObject> {
    const wanted = this.#wanted();
    const body = {
      metadata: {
        resourceVersion: stringAt(lease, 'metadata', 'resourceVersion'),
        annotations: { [annotations.commit]: this.#holder.commit ?? null, [annotations.wantedBy]: null },
      },
      spec: wanted['spec'],
    };
    return this.#client.patch(ref, body, { type: 'merge' });
  }

  // By our own clock and what was seen to change: the holder's clock may be any time.
  #isAbandoned(lease: KubeObject): boolean {
    const mark = stringAt(lease, 'spec', 'renewTime') ?? '';
    if (this.#seen === undefined || (this.#seen.mark !== mark && this.#hasAsked)) {
      this.#seen = { mark, at: performance.now() };
      return false;
    }
    return this.#seen.mark === mark && performance.now() - this.#seen.at > seconds * 1000;
  }

  async #askOrGiveUp(lease: KubeObject, other: string): Promise<void> {
    const isAlive = this.#seen !== undefined && this.#seen.mark !== stringAt(lease, 'spec', 'renewTime');
    const commit = stringAt(lease, 'metadata', 'annotations', annotations.commit);
    if (!this.#hasAsked && commit !== undefined && (await this.#holder.isNewerThan(commit))) {
      this.#hasAsked = true;
      await this.#client.patch(
        ref,
        { metadata: { annotations: { [annotations.wantedBy]: this.#holder.identity } } },
        { type: 'merge' },
      );
    }
    if (isAlive && !this.#hasAsked) {
      const since = stringAt(lease, 'spec', 'acquireTime') ?? 'unknown';
      throw failure(
        'TORYO_LOCKED',
        { holder: shown(other), since: since.slice(0, 19) },
        { cluster: this.#client.cluster },
      );
    }
    tell(this.#run, {
      cluster: this.#client.cluster,
      subject: 'lease',
      verb: 'take',
      state: 'waiting',
      why: this.#hasAsked
        ? `${shown(other)} was asked to let an older commit go`
        : `waits for ${shown(other)}, or until it is known to have died`,
    });
  }
}

/** `ana@host, process 4711`. */
function shown(identity: string): string {
  const [person = identity, , pid] = identity.split('/');
  return pid === undefined ? person : `${person}, process ${pid}`;
}
