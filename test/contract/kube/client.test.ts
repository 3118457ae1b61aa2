import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conflictsOf, statusOf, type ServerWarning } from '../../../src/kube/index.ts';
import { withLabels } from '../../../src/objects/index.ts';
import { configMap, configMapRef, errorOf, object, testRun, TestServer, uidOf } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

describe('what the server is', () => {
  it('says its version as numbers', async () => {
    const version = await server.client.version();
    expect(version.gitVersion).toMatch(/^v1\.\d+\.\d+/);
    expect(version.major).toBe(1);
    expect(version.minor).toBeGreaterThanOrEqual(33);
    expect(version.emulationMinor).toBeGreaterThanOrEqual(33);
  });

  it('knows the kinds it serves, in the version it prefers', async () => {
    const discovery = await server.client.discover();
    expect(discovery.resourceOf({ group: 'apps', kind: 'Deployment' })).toMatchObject({
      version: 'v1',
      plural: 'deployments',
      namespaced: true,
    });
    expect(discovery.resourceOf({ group: '', kind: 'Namespace' })).toMatchObject({ namespaced: false });
    expect(discovery.resourceOf({ group: 'apps', kind: 'Deployment', version: 'v9' })).toBeUndefined();
    expect(discovery.resourceOf({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' })?.version).toBe(
      'v2',
    );
    expect(discovery.resourceOf({ group: 'apps', kind: 'Deployment' })?.verbs).toContain('patch');
    expect(discovery.failed).toEqual([]);
  });

  it('learns the same from a server without aggregated discovery', async () => {
    const { proxy, access } = await server.behindProxy();
    proxy.set({ kind: 'header', name: 'accept', value: 'application/json' });
    const old = await server.open(access).discover();
    const now = await server.client.discover();
    const names = (list: typeof now.resources): string[] =>
      list.map(({ group, version, kind, plural }) => `${group}/${version} ${kind} ${plural}`).toSorted();
    expect(proxy.requests.length).toBeGreaterThan(10);
    expect(names(old.resources)).toEqual(names(now.resources));
    expect(old.resourceOf({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' })?.version).toBe('v2');
  });

  it('names a group whose own server is down, and says so when its kind is asked for', async () => {
    const name = 'v1.down.example.com';
    await server.client.create({
      ...object('apiregistration.k8s.io/v1', 'APIService', name),
      spec: {
        group: 'down.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: 'test', name: 'nobody' },
      },
    });
    const isListed = async (): Promise<boolean> => {
      server.client.forgetDiscovery();
      return (await server.client.discover()).failed.some(
        (each) => each.groupVersion === 'down.example.com/v1',
      );
    };
    await expect.poll(isListed, { timeout: 30_000 }).toBe(true);
    const error = await errorOf(server.client.list({ group: 'down.example.com', kind: 'Thing' }));
    expect(error).toMatchObject({ code: 'TORYO_KUBE_UNKNOWN_KIND' });
    expect(String(error)).toContain('cannot be served now');
    await server.client.remove({ group: 'apiregistration.k8s.io', kind: 'APIService', name });
  });

  it('finds a new kind after forgetDiscovery', async () => {
    const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await server.client.apply(
      {
        ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gadgets.example.com'),
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names,
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
      { fieldManager: 'test' },
    );
    const gadget = object('example.com/v1', 'Gadget', 'one', 'test');
    expect(await errorOf(server.client.apply(gadget, { fieldManager: 'test' }))).toMatchObject({
      code: 'TORYO_KUBE_UNKNOWN_KIND',
    });
    const isServed = async (): Promise<boolean> => {
      server.client.forgetDiscovery();
      return (
        (await server.client.discover()).resourceOf({ group: 'example.com', kind: 'Gadget' }) !== undefined
      );
    };
    await expect.poll(isServed, { timeout: 30_000 }).toBe(true);
    const apply = async (): Promise<string> =>
      (await server.client.apply(gadget, { fieldManager: 'test' })).outcome;
    await expect.poll(apply, { timeout: 10_000 }).toMatch(/created|configured/);
  });
});

describe('reading', () => {
  it('gets an object, and undefined for none', async () => {
    await server.client.create(configMap('read', { a: '1' }));
    expect(await server.client.get(configMapRef('read'))).toMatchObject({
      kind: 'ConfigMap',
      data: { a: '1' },
    });
    expect(await server.client.get(configMapRef('nothing'))).toBeUndefined();
  });

  it('lists in chunks everything that a list in one piece has, with apiVersion and kind on each item', async () => {
    const labels = { chunked: 'yes' };
    for (let index = 0; index < 25; index += 1) {
      await server.client.create(withLabels(configMap(`chunk-${index}`), labels));
    }
    const { proxy, access } = await server.behindProxy();
    const client = server.open(access);
    const options = { namespace: 'test', labelSelector: 'chunked=yes' };
    const { items, resourceVersion } = await client.list(
      { group: '', kind: 'ConfigMap' },
      { ...options, chunk: 10 },
    );
    expect(items).toHaveLength(25);
    expect(new Set(items.map((item) => item.metadata.name)).size).toBe(25);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    expect(proxy.requests.filter(({ path }) => path.includes('limit=10'))).toHaveLength(3);
    const one = await client.list(
      { group: '', kind: 'ConfigMap' },
      { ...options, fieldSelector: 'metadata.name=chunk-7' },
    );
    expect(one.items).toHaveLength(1);
  });
});

describe('writing', () => {
  it('applies: created, then configured, and nothing changes when nothing changed', async () => {
    const first = await server.client.apply(configMap('applied', { a: '1' }), { fieldManager: 'toryo-x' });
    const second = await server.client.apply(configMap('applied', { a: '2' }), { fieldManager: 'toryo-x' });
    const third = await server.client.apply(configMap('applied', { a: '2' }), { fieldManager: 'toryo-x' });
    expect([first.outcome, second.outcome, third.outcome]).toEqual(['created', 'configured', 'configured']);
    expect(second.object['data']).toEqual({ a: '2' });
    expect(third.object.metadata['resourceVersion']).toBe(second.object.metadata['resourceVersion']);
  });

  it('dry-runs without a trace', async () => {
    const { outcome, object: predicted } = await server.client.apply(configMap('dry', { a: '1' }), {
      fieldManager: 'toryo-x',
      dryRun: true,
    });
    expect(outcome).toBe('created');
    expect(predicted.metadata['uid']).toBeDefined();
    expect(await server.client.get(configMapRef('dry'))).toBeUndefined();
  });

  it('names each field that another manager owns, and takes it only by force', async () => {
    await server.client.apply(configMap('shared', { a: '1', b: '1' }), { fieldManager: 'alice' });
    const mine = configMap('shared', { a: '2', b: '2' });
    const error = await errorOf(server.client.apply(mine, { fieldManager: 'toryo-x' }));
    expect(error).toMatchObject({
      code: 'TORYO_KUBE_FIELD_CONFLICT',
      subject: 'ConfigMap/test/shared',
      cluster: server.access.name,
      exitCode: 3,
    });
    expect(conflictsOf(error)).toEqual([
      { field: '.data.a', manager: 'alice' },
      { field: '.data.b', manager: 'alice' },
    ]);
    expect(String(error)).toContain('.data.a: alice');
    const forced = await server.client.apply(mine, { fieldManager: 'toryo-x', force: true });
    expect(forced.object['data']).toEqual({ a: '2', b: '2' });
  });

  it('refuses fields that the kind does not have', async () => {
    const misspelt = { ...configMap('strict'), dta: { a: '1' } };
    const error = await errorOf(server.client.apply(misspelt, { fieldManager: 'toryo-x' }));
    expect(String(error)).toContain('dta');
    expect(error).toMatchObject({ code: 'TORYO_KUBE_INVALID', subject: 'ConfigMap/test/strict' });
    // The server calls this one an internal error of its own; it is not tried again for that.
    const { proxy, access } = await server.behindProxy();
    const client = server.open(access);
    await errorOf(client.apply(misspelt, { fieldManager: 'toryo-x' }));
    expect(proxy.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('creates once', async () => {
    await server.client.create(configMap('once'));
    const error = await errorOf(server.client.create(configMap('once')));
    expect(error).toMatchObject({ code: 'TORYO_KUBE_CONFLICT', subject: 'ConfigMap/test/once' });
    expect(statusOf(error)?.reason).toBe('AlreadyExists');
  });

  it('says which object has no namespace', async () => {
    const homeless = object('v1', 'ConfigMap', 'homeless');
    expect(await errorOf(server.client.apply(homeless, { fieldManager: 'x' }))).toMatchObject({
      code: 'TORYO_KUBE_INVALID',
      subject: 'ConfigMap/homeless',
    });
  });

  it('patches in three ways, and subresources', async () => {
    await server.client.create(configMap('patched', { a: '1', b: '1' }));
    const ref = configMapRef('patched');
    await server.client.patch(ref, { data: { a: null } }, { type: 'merge' });
    await server.client.patch(ref, [{ op: 'add', path: '/data/c', value: '3' }], { type: 'json' });
    const patched = await server.client.patch(
      ref,
      { data: { d: '4' } },
      { type: 'strategic', fieldManager: 'me' },
    );
    expect(patched['data']).toEqual({ b: '1', c: '3', d: '4' });
    const namespace = { group: '', kind: 'Namespace', name: 'test' };
    const condition = { type: 'Tested', status: 'True', reason: 'R', message: '', lastTransitionTime: null };
    const status = await server.client.patch(
      namespace,
      { status: { conditions: [condition] } },
      {
        type: 'strategic',
        subresource: 'status',
      },
    );
    expect(JSON.stringify(status['status'])).toContain('Tested');
  });

  it('removes only the incarnation that was meant', async () => {
    const created = await server.client.create(configMap('removed'));
    const wrong = await errorOf(
      server.client.remove(configMapRef('removed'), { uid: '00000000-0000-0000-0000-000000000000' }),
    );
    expect(wrong).toMatchObject({ code: 'TORYO_KUBE_CONFLICT', subject: 'ConfigMap/test/removed' });
    const uid = uidOf(created);
    expect(await server.client.remove(configMapRef('removed'), { uid, dryRun: true })).toBe('deleted');
    expect(await server.client.get(configMapRef('removed'))).toBeDefined();
    expect(await server.client.remove(configMapRef('removed'), { uid, propagation: 'background' })).toBe(
      'deleted',
    );
    expect(await server.client.remove(configMapRef('removed'), { uid })).toBe('absent');
  });

  it('hands on warnings', async () => {
    const warnings: ServerWarning[] = [];
    const client = server.open(server.access, testRun(), { onWarning: (warning) => warnings.push(warning) });
    const run = testRun();
    const pod = {
      ...object('v1', 'Pod', 'warned', 'test'),
      spec: { containers: [{ name: 'c', image: 'i' }], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    };
    const tried = await client.apply(pod, { fieldManager: 'x', dryRun: true });
    expect(tried.warnings.join()).toContain('beta.kubernetes.io/os');
    expect(warnings).toEqual([]);
    await client.create(pod, { dryRun: true });
    await server.open(server.access, run).create(pod, { dryRun: true });
    expect(warnings).toMatchObject([{ verb: 'create', what: 'Pod/test/warned' }]);
    expect(warnings[0]?.text).toContain('beta.kubernetes.io/os');
    expect(run.events).toMatchObject([
      { subject: 'Pod/test/warned', why: expect.stringContaining('deprecated') },
    ]);
  });
});
