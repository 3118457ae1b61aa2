import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, tell, type Run } from '../../lib/index.ts';
import { guardDigest, probePod } from '../../guard/index.ts';
import type { Health, KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { isRefusal } from '../trouble.ts';

/** Where it is asked whether policies are active, and for how long. */
export interface GuardQuestion {
  readonly client: KubeClient;
  readonly run: Run;
  /** Milliseconds. */
  readonly timeout: number;
  /** False: nothing of the guards was written, and what is there was seen to be active before. */
  readonly isOpen: boolean;
  /** False: the probe itself was not written, so its answer is as old as it is. */
  readonly isNews: boolean;
  /** The Guard of the probe, as the cluster has it once the guards are written; undefined where this run has nothing to do with them. */
  readonly probe: KubeObject | undefined;
  /** True when somebody else has better work for this cluster: waiting ends. */
  readonly isOver: () => boolean;
}

/** So many answers of one moment have to agree. */
const voices = 3;
const firstPause = 100;
const longestPause = 1000;
/** An API server takes in changed policies once a second. */
export const policyPause = 2000;
/** New rights reach the API server's authorizer a moment after they are stored. */
const rightsPatience = 5000;

/** Waits until the policies that were written are active: a dry run of a pod that they forbid is refused. Asked once, however many wait. */
export class GuardActivity {
  readonly #question: GuardQuestion;
  #answer: Promise<Health> | undefined;

  constructor(question: GuardQuestion) {
    this.#question = question;
  }

  /** Healthy when the policies are active, or nobody had to ask; otherwise the reason. */
  health(): Promise<Health> {
    return (this.#answer ??= this.#ask());
  }

  async #ask(): Promise<Health> {
    const { isOpen, isNews, probe, run, client } = this.#question;
    const digest = guardDigest(probe === undefined ? [] : [probe]);
    if (!isOpen || digest === undefined) return { state: 'healthy', why: '' };
    const base = { cluster: client.cluster, subject: 'guards', verb: 'wait' } as const;
    tell(run, { ...base, state: 'waiting', why: 'waiting for the policies to be active' });
    if (!isNews) await sleep(policyPause, undefined, { signal: run.signal });
    const health = await this.#untilActive(digest);
    const isActive = health.state === 'healthy';
    tell(run, { ...base, ...(isActive ? { state: 'done' } : { state: 'failed', why: health.why }) });
    return health;
  }

  async #untilActive(digest: string): Promise<Health> {
    const { timeout, isOver, run } = this.#question;
    const begun = performance.now();
    for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
      const why = await this.#whyNot(digest);
      if (why === undefined) return { state: 'healthy', why: '' };
      const waited = performance.now() - begun;
      const isHopeless = why.isAboutRights && waited > Math.min(timeout, rightsPatience);
      if (isHopeless || waited > timeout || isOver()) {
        const seconds = Math.round(waited / 1000);
        return { state: 'progressing', why: `the policies are not active after ${seconds} s: ${why.text}` };
      }
      await sleep(pause, undefined, { signal: run.signal });
    }
  }

  // Behind one address may be several API servers, and each learns for itself. One answer speaks for one of them; several, sent side by
  // side over connections of their own, probably for more, and still prove nothing about one that none of them reached.
  async #whyNot(digest: string): Promise<Reason | undefined> {
    const all = await Promise.all(
      Array.from({ length: voices }, () => askOnce(this.#question.client, digest)),
    );
    return all.find((one) => one !== undefined);
  }
}

interface Reason {
  readonly text: string;
  readonly isAboutRights: boolean;
}

async function askOnce(client: KubeClient, digest: string): Promise<Reason | undefined> {
  try {
    await client.create(probePod(digest), { dryRun: true });
    return { text: 'a dry run of a pod that they forbid was let in', isAboutRights: false };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.message.includes(digest)) return undefined;
    const isAboutRights = error.message.includes('cannot create resource');
    const text = isAboutRights
      ? `whether they are is seen by a dry run of a pod in toryo-system, and this identity may not create one: ${reasonOf(error)}`
      : `a dry run of a pod that they forbid was refused for another reason: ${reasonOf(error)}`;
    return { text, isAboutRights };
  }
}
