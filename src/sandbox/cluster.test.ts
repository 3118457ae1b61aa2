import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAt, stringAt } from '../lib/index.ts';
import type { Api } from './api.ts';
import { startCluster, type RunningCluster } from './index.ts';
import { adminOf, conditionOf, newBench, pidsOf, servedVersion, until, type Bench } from './testing/bench.ts';

describe('the server alone', () => {
  let bench: Bench;
  let cluster: RunningCluster;
  let admin: Api;
  let root = '';

  beforeAll(async () => {
    bench = await newBench();
    root = join(
      bench.folder,
      'a-folder-with-a-name-so-long-that-no-socket-could-be-made-in-it-without-a-shortcut-to-it',
    );
    cluster = await startCluster({ name: 'server', version: '1.34', components: 'server' }, root, bench);
    admin = await adminOf(root, cluster.server);
  });

  afterAll(async () => {
    await admin.close();
    await cluster.stop();
    expect(await pidsOf(root)).toEqual([]);
    await bench.clear();
  });

  it('serves the minor that was asked for, on 127.0.0.1', async () => {
    expect(await servedVersion(admin)).toBe('1.34');
    expect(new URL(cluster.server).hostname).toBe('127.0.0.1');
    expect(await readFile(cluster.kubeconfig, 'utf8')).not.toContain('insecure');
  });

  it('has a certificate of its own authority, which nobody else trusts', async () => {
    await expect(request(`${cluster.server}/readyz`)).rejects.toThrow(/certificate/);
  });

  it('lets the anonymous only probe', async () => {
    const ca = await readFile(join(root, 'pki/ca.crt'), 'utf8');
    const dispatcher = new Agent({ connect: { ca } });
    const probe = await request(`${cluster.server}/readyz`, { dispatcher });
    const api = await request(`${cluster.server}/api/v1/namespaces`, { dispatcher });
    expect([probe.statusCode, api.statusCode]).toEqual([200, 401]);
    await Promise.all([probe.body.dump(), api.body.dump()]);
    await dispatcher.close();
  });

  it('calls no webhook outside loopback', async () => {
    const hook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'far' },
      webhooks: [
        {
          name: 'far.example.com',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 5,
          clientConfig: { url: 'https://192.0.2.1/' },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
          ],
        },
      ],
    };
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    await admin.ask('POST', path, hook);
    const written = await until(
      () =>
        admin.call('POST', '/api/v1/namespaces/default/configmaps', {
          metadata: { generateName: 'x-' },
        }),
      (answer) => answer.status === 500,
    );
    expect(stringAt(written.body, 'message')).toContain('nothing runs in a sandbox pod');
    await admin.ask('DELETE', `${path}/far`);
  });

  it('starts what was killed again, says so, and loses no object', async () => {
    await admin.ask('POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    for (const name of ['etcd', 'apiserver'] as const) {
      const before = cluster.components.find((component) => component.name === name);
      process.kill(before?.life.pid ?? 0, 'SIGKILL');
      await until(
        () => Promise.resolve(cluster.components.find((component) => component.name === name)),
        (state) => state?.restarts === 1 && state.isRunning,
      );
    }
    await until(
      () => admin.call('GET', '/api/v1/namespaces/kept').catch(() => undefined),
      (answer) => answer?.status === 200,
    );
    const told = bench.events.filter((event) => event.verb === 'restart' && event.state === 'failed');
    expect(told.map((event) => [event.subject, event.why?.slice(0, 15)])).toEqual([
      ['sandbox/etcd', 'ended (SIGKILL)'],
      ['sandbox/apiserver', 'ended (SIGKILL)'],
    ]);
  });

  it('changes its version on the same objects', async () => {
    await cluster.change({ name: 'server', version: '1.36', components: 'server' });
    expect(await servedVersion(admin)).toBe('1.36');
    expect((await admin.call('GET', '/api/v1/namespaces/kept')).status).toBe(200);
  });
});

describe('a start that cannot succeed', () => {
  it('shows the last log lines of what died and leaves nothing running', async () => {
    const bench = await newBench();
    await mkdir(join(bench.folder, 'etcd'), { recursive: true });
    await writeFile(join(bench.folder, 'etcd/member'), 'no folder');
    const started = startCluster({ name: 'broken', components: 'server' }, bench.folder, bench);
    await expect(started).rejects.toThrow(
      /sandbox cluster broken: etcd ended \(exit code 1\).*not a directory/s,
    );
    expect(await pidsOf(bench.folder)).toEqual([]);
    await bench.clear();
  });

  it('is one whose name is no DNS label', async () => {
    const bench = await newBench();
    await expect(startCluster({ name: 'No' }, bench.folder, bench)).rejects.toMatchObject({
      code: 'TORYO_SANDBOX',
    });
    await bench.clear();
  });
});

describe('what others hold', () => {
  it('a port that is taken by the time it is wanted: another one is chosen', async () => {
    const bench = await newBench();
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await writeFile(join(bench.folder, 'port'), String(port));
    const cluster = await startCluster({ name: 'squat', components: 'server' }, bench.folder, bench);
    expect(cluster.server).not.toContain(`:${port}`);
    await cluster.stop();
    squatter.close();
    await bench.clear();
  });
});

describe('four whole clusters at once', () => {
  it('start side by side and leave nothing behind', async () => {
    const bench = await newBench();
    const node = { name: 'n1', zone: 'eu-1a', instanceType: 'm6i.large', cpu: '2', memory: '8Gi', pods: 29 };
    const roots = ['a', 'b', 'c', 'd'].map((name) => join(bench.folder, name));
    const clusters = await Promise.all(
      roots.map((root, index) =>
        startCluster({ name: `c${index}`, nodes: [node] }, root, bench, { subnet: index + 1 }),
      ),
    );
    expect(new Set(clusters.map((cluster) => cluster.server)).size).toBe(4);
    for (const [index, cluster] of clusters.entries()) {
      const admin = await adminOf(roots[index] ?? '', cluster.server);
      const nodes = await until(
        () => admin.ask('GET', '/api/v1/nodes'),
        (list) => conditionOf(listAt(list, 'items')[0], 'Ready') === 'True',
      );
      expect(stringAt(nodes, 'items', 0, 'status', 'addresses', 0, 'address')).toBe(`127.${index + 1}.0.1`);
      await admin.close();
    }
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    for (const root of roots) expect(await pidsOf(root)).toEqual([]);
    await bench.clear();
  });
});
