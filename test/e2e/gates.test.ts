import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGate, type GateReply } from '../../src/deliver/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../../src/kube/index.ts';
import { labels } from '../../src/lib/index.ts';
import type { KubeObject, Ref } from '../../src/objects/index.ts';
import { Bench, someNodes, testRun, until } from './bench.ts';
import { restrictedPod } from './fleet-files.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.client().create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'checks' } });
});
afterAll(() => bench.stop());

const manifest = (fail?: string, spec: object = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'smoke', namespace: 'checks', labels: { app: 'smoke' } },
  spec: {
    backoffLimit: 0,
    template: {
      metadata: fail === undefined ? {} : { annotations: { 'sandbox.toryo.dev/fail': fail } },
      spec: { ...restrictedPod(), restartPolicy: 'Never' },
    },
    ...spec,
  },
});

function ask(
  job: KubeObject,
  revision: string,
  more: { client?: KubeClient; timeout?: number } = {},
): Promise<GateReply> {
  const { client = bench.client(), timeout = 60_000 } = more;
  const question = { kind: 'job' as const, file: 'gates/smoke.yaml', manifest: job };
  const gate = { name: 'smoke', ask: 'once' as const, every: 1000, timeout, question };
  return askGate({ gate, fleet: 'acme', revision }, { client, env: {} }, testRun());
}

const jobs = async (): Promise<readonly KubeObject[]> =>
  (await bench.client().list({ group: 'batch', kind: 'Job' }, { namespace: 'checks' })).items;

describe('a gate that runs a Job', () => {
  it('passes when the Job completes, marks it as ours, and does not run it again', async () => {
    const first = await ask(manifest(), 'one');
    expect(first).toEqual({
      outcome: 'pass',
      why: expect.stringMatching(/^Job\/checks\/smoke-[0-9a-f]{10} is complete$/),
    });
    const [job, ...others] = await jobs();
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      metadata: { labels: { app: 'smoke', [labels.fleet]: 'acme', [labels.component]: 'gate' } },
      spec: { ttlSecondsAfterFinished: 3600 },
    });
    expect(await ask(manifest(), 'one')).toEqual(first);
    expect(await jobs()).toHaveLength(1);
  });

  it('runs again for another revision, and once for two askers', async () => {
    const answers = await Promise.all([ask(manifest(), 'two'), ask(manifest(), 'two')]);
    expect(answers.map((one) => one.outcome)).toEqual(['pass', 'pass']);
    expect(await jobs()).toHaveLength(2);
  });

  it('fails when the Job fails, with the reason', async () => {
    const answer = await ask(manifest('Error'), 'three');
    expect(answer).toEqual({
      outcome: 'fail',
      why: expect.stringMatching(
        /^Job\/checks\/smoke-[0-9a-f]{10} failed: Job has reached the specified backoff limit.*; delete it to run it again$/,
      ),
    });
  });

  it('says the end of the log where it can be read, as kubelets let it', async () => {
    const real = bench.client();
    // Nothing runs in a sandbox's pod: it has no log.
    const withLogs = {
      cluster: 'lab',
      get: (ref: Ref) => real.get(ref),
      list: (...asked: Parameters<KubeClient['list']>) => real.list(...asked),
      raw: async (_method: string, path: string) =>
        /\/namespaces\/checks\/pods\/smoke-.*\/log\?container=main&tailLines=5&limitBytes=4096$/.test(path)
          ? { status: 200, text: 'one\n\ntwo: refused\n' }
          : { status: 404, text: path },
    } as unknown as KubeClient;
    expect((await ask(manifest('Error'), 'three', { client: withLogs })).why).toContain(
      '; its log ends: one | two: refused; delete it to run it again',
    );
  });

  it('is unknown when the Job does not end in time, and finds its end later', async () => {
    const slow = manifest(undefined, { suspend: true });
    const late = await ask(slow, 'four', { timeout: 1000 });
    expect(late.outcome).toBe('unknown');
    expect(late.why).toContain('has not ended after 1 s');
    const running = (await jobs()).find((job) => late.why.includes(job.metadata.name));
    const ref = { group: 'batch', kind: 'Job', namespace: 'checks', name: running?.metadata.name ?? '' };
    await bench.client().patch(ref, { spec: { suspend: false } }, { type: 'merge' });
    expect((await ask(slow, 'four')).outcome).toBe('pass');
  });

  it('is unknown when the Job is deleted meanwhile', async () => {
    const before = new Set((await jobs()).map((job) => job.metadata.name));
    const asked = ask(manifest(undefined, { suspend: true }), 'five');
    const [made] = await until(
      async () => (await jobs()).filter((job) => !before.has(job.metadata.name)),
      (found) => found.length > 0,
    );
    await bench
      .client()
      .remove(
        { group: 'batch', kind: 'Job', namespace: 'checks', name: made!.metadata.name },
        { propagation: 'background' },
      );
    expect((await asked).why).toContain('was deleted before it ended');
  });

  it('is unknown when the API server refuses the Job', async () => {
    const answer = await ask(manifest(undefined, { backofLimit: 1 }), 'six');
    expect(answer.outcome).toBe('unknown');
    expect(answer.why).toContain('unknown field "spec.backofLimit"');
    const elsewhere = { ...manifest(), metadata: { name: 'smoke', namespace: 'nowhere' } };
    expect((await ask(elsewhere, 'six')).why).toContain('namespaces "nowhere" not found');
  });

  it('is unknown when a Job of that name is somebody else’s', async () => {
    const { why } = await ask(manifest(), 'seven');
    const name = why.split(/[ /]/)[2] ?? '';
    const ref = { group: 'batch', kind: 'Job', namespace: 'checks', name };
    await bench.client().patch(ref, { metadata: { labels: { [labels.fleet]: 'other' } } }, { type: 'merge' });
    expect((await ask(manifest(), 'seven')).why).toContain('is there and is not ours');
  });

  it('is unknown without the right to run it', async () => {
    const access = accessOf(await readKubeconfig([bench.cluster('lab').running.kubeconfig]));
    const stranger = openClient({ ...access, name: 'lab', as: { user: 'nobody' } }, testRun());
    const answer = await ask(manifest(), 'x', { client: stranger });
    await stranger.close();
    expect(answer.outcome).toBe('unknown');
    expect(answer.why).toContain('forbidden');
  });
});
