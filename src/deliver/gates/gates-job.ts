import { setTimeout as sleep } from 'node:timers/promises';
import {
  canonical,
  fieldManagerOf,
  isFailure,
  labels,
  listAt,
  numberAt,
  objectAt,
  sha256,
  stringAt,
  tell,
  type Run,
} from '../../lib/index.ts';
import { conditionOf, refOf, titleOf, type KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { GateReply, AskedGate } from './gates-asked.ts';

const component = 'gate';
const longestName = 63;
const digits = 10;
/** Seconds that a finished Job stays: long enough that whoever runs again finds its answer. */
const kept = 3600;
const keptAtLeast = 300;
const firstPause = 500;
const longestPause = 3000;

/** Runs a gate's Job, or finds the one of the same gate and revision, and waits for its end. */
export async function askJob(
  call: AskedGate,
  manifest: KubeObject,
  client: KubeClient,
  run: Run,
): Promise<GateReply> {
  const wanted = jobFor(call, manifest);
  const title = titleOf(refOf(wanted));
  const begun = performance.now();
  let job = await startOrFind(wanted, call.fleet, client);
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    if (job === undefined) return { outcome: 'unknown', why: `${title} was deleted before it ended` };
    const answer = await answerOf(job, call.fleet, client);
    if (answer !== undefined) return answer;
    if (performance.now() - begun > call.gate.timeout)
      return { outcome: 'unknown', why: `${title} has not ended after ${call.gate.timeout / 1000} s` };
    const base = { cluster: client.cluster, subject: `gate/${call.gate.name}`, verb: 'ask' };
    tell(run, { ...base, state: 'waiting', why: `${title} runs` });
    await sleep(pause, undefined, { signal: run.signal });
    job = await client.get(refOf(wanted));
  }
}

function jobFor({ gate, fleet, revision }: AskedGate, manifest: KubeObject): KubeObject {
  const digest = sha256(canonical([fleet, gate.name, revision, manifest])).slice(0, digits);
  const name = `${gate.name.slice(0, longestName - digits - 1).replace(/-+$/, '')}-${digest}`;
  const mark = { [labels.managed]: 'true', [labels.fleet]: fleet, [labels.component]: component };
  const written = numberAt(manifest, 'spec', 'ttlSecondsAfterFinished') ?? kept;
  const spec = { ...objectAt(manifest, 'spec'), ttlSecondsAfterFinished: Math.max(written, keptAtLeast) };
  const { namespace, annotations } = manifest.metadata;
  return {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(annotations === undefined ? {} : { annotations }),
      labels: { ...manifest.metadata.labels, ...mark },
    },
    spec,
  };
}

async function startOrFind(
  wanted: KubeObject,
  fleet: string,
  client: KubeClient,
): Promise<KubeObject | undefined> {
  const there = await client.get(refOf(wanted));
  if (there !== undefined) return there;
  try {
    return await client.create(wanted, { fieldManager: fieldManagerOf(fleet) });
  } catch (error) {
    // Another run of the same revision was faster, or the answer to our own request was lost.
    if (!isFailure(error, 'TORYO_KUBE_CONFLICT')) throw error;
    return await client.get(refOf(wanted));
  }
}

async function answerOf(job: KubeObject, fleet: string, client: KubeClient): Promise<GateReply | undefined> {
  const title = titleOf(refOf(job));
  const mark = job.metadata.labels ?? {};
  if (mark[labels.fleet] !== fleet || mark[labels.component] !== component)
    return { outcome: 'unknown', why: `${title} is there and is not ours` };
  if (conditionOf(job, 'Complete')?.status === 'True')
    return { outcome: 'pass', why: `${title} is complete` };
  const failed = conditionOf(job, 'Failed');
  if (failed?.status !== 'True') return undefined;
  const reason = (failed.message || failed.reason).replace(/\.$/, '');
  const log = await lastLines(job, client);
  const said = log === undefined ? '' : `; its log ends: ${log}`;
  return { outcome: 'fail', why: `${title} failed: ${reason}${said}; delete it to run it again` };
}

const logLines = 5;
const logBytes = 4096;

/** The end of the log of the pod that was made last; undefined when it cannot be read. */
async function lastLines(job: KubeObject, client: KubeClient): Promise<string | undefined> {
  const { namespace = '', name } = job.metadata;
  try {
    const labelSelector = `batch.kubernetes.io/job-name=${name}`;
    const pods = await client.list({ group: '', kind: 'Pod', version: 'v1' }, { namespace, labelSelector });
    const made = (pod: KubeObject): string => stringAt(pod, 'metadata', 'creationTimestamp') ?? '';
    const last = pods.items.toSorted((left, right) => (made(left) < made(right) ? 1 : -1))[0];
    const container = stringAt(listAt(last, 'spec', 'containers')[0], 'name');
    if (last === undefined || container === undefined) return undefined;
    const query = new URLSearchParams({
      container,
      tailLines: String(logLines),
      limitBytes: String(logBytes),
    });
    const path = `/api/v1/namespaces/${namespace}/pods/${last.metadata.name}/log?${query.toString()}`;
    const { status, text } = await client.raw('GET', path, { accept: '*/*' });
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return status === 200 && lines.length > 0 ? lines.slice(-logLines).join(' | ') : undefined;
  } catch (error) {
    if (isFailure(error) && error.code !== 'TORYO_INTERRUPTED') return undefined;
    throw error;
  }
}
