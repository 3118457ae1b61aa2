import { setTimeout as sleep } from 'node:timers/promises';
import { failure, isFailure, tell, type Run } from '../../lib/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { GateReply, AskedGate } from './gates-asked.ts';
import { askJob } from './gates-job.ts';
import { fetchPage, type Fetched } from './gates-page.ts';
import { judgePrometheus, queryUrl } from './gates-prometheus.ts';

/** What a gate is asked through. */
export interface GatePorts {
  /** The cluster that it is asked for, where its Job runs. */
  readonly client: KubeClient;
  /** Variables of the environment: where bearer tokens are. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds that one answer may take. */
const answerLimit = 30_000;
const pageLimit = 1_048_576;
const samplesLimit = 8 * 1_048_576;

/**
 * Asks a gate once; a Job is waited for until the gate's `timeout`. What cannot be asked is `unknown`; throws
 * TORYO_INTERRUPTED when the run is aborted, and nothing else.
 */
export async function askGate(call: AskedGate, ports: GatePorts, run: Run): Promise<GateReply> {
  const base = { cluster: ports.client.cluster, subject: `gate/${call.gate.name}`, verb: 'ask' };
  tell(run, { ...base, state: 'started' });
  const answer = await answered(call, ports, run);
  tell(run, { ...base, state: answer.outcome === 'pass' ? 'done' : 'waiting', why: answer.why });
  return answer;
}

/**
 * Asks a gate every `every` until it passes or its `timeout` is over; then its last answer. A Job is run once: what it ended
 * with stays. Throws TORYO_INTERRUPTED when the run is aborted, and nothing else.
 */
export async function waitForGate(asked: AskedGate, ports: GatePorts, run: Run): Promise<GateReply> {
  const { every, timeout, question } = asked.gate;
  const begun = performance.now();
  for (;;) {
    const reply = await askGate(asked, ports, run);
    const isLast = question.kind === 'job' || performance.now() - begun + every > timeout;
    if (reply.outcome === 'pass' || isLast) return reply;
    await sleep(every, undefined, { signal: run.signal }).catch(() => interrupt(asked));
  }
}

function interrupt({ gate }: AskedGate): never {
  throw failure('TORYO_INTERRUPTED', { what: `asking gate ${gate.name}` });
}

async function answered(call: AskedGate, ports: GatePorts, run: Run): Promise<GateReply> {
  try {
    return await ask(call, ports, run);
  } catch (error) {
    if (run.signal.aborted) return interrupt(call);
    if (!isFailure(error)) throw error;
    return { outcome: 'unknown', why: error.message };
  }
}

async function ask(call: AskedGate, ports: GatePorts, run: Run): Promise<GateReply> {
  const { question, timeout } = call.gate;
  if (question.kind === 'job') return await askJob(call, question.manifest, ports.client, run);
  const token = tokenFor(question, ports);
  if (token === '')
    return { outcome: 'unknown', why: `the variable ${question.bearer} holds no bearer token` };
  const wanted = { token, milliseconds: Math.min(timeout, answerLimit) };
  if (question.kind === 'prometheus') {
    const page = await fetchPage({ ...wanted, url: queryUrl(question), bytes: samplesLimit }, run.signal);
    return judgePrometheus(question, page);
  }
  const { url, status } = question;
  return judgePage(question, await fetchPage({ ...wanted, url, status, bytes: pageLimit }, run.signal));
}

/** Empty: it was to be in a variable that is not there. */
function tokenFor(
  { bearer }: { readonly bearer: string | undefined },
  { env }: GatePorts,
): string | undefined {
  return bearer === undefined ? undefined : (env[bearer] ?? '').trim();
}

function judgePage(
  { status, contains }: { readonly status: number; readonly contains: string | undefined },
  page: Fetched,
): GateReply {
  if ('why' in page) return { outcome: 'unknown', why: page.why };
  if (page.status !== status) {
    const instead = page.redirect === undefined ? '' : ` (${page.redirect})`;
    return { outcome: 'fail', why: `it answers ${page.status} and not ${status}${instead}` };
  }
  if (contains === undefined) return { outcome: 'pass', why: `it answers ${status}` };
  if (page.text.includes(contains))
    return { outcome: 'pass', why: `it answers ${status} with "${contains}"` };
  if (!page.isWhole)
    return { outcome: 'unknown', why: `its answer is too large to look for "${contains}" in all of it` };
  return { outcome: 'fail', why: `it answers ${status} without "${contains}"` };
}
