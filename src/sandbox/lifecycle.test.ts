import { spawn } from 'node:child_process';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isFailure } from '../lib/index.ts';
import {
  down,
  downAll,
  kubeconfigPath,
  list,
  logsOf,
  stateOf,
  up,
  type SandboxNode,
  type SandboxSpec,
} from './index.ts';
import { adminOf, newBench, pidsOf, servedVersion, until, type Bench } from './testing/bench.ts';

let bench: Bench;
let env: Record<string, string | undefined> = {};
const rootOf = (name: string): string => join(bench.folder, 'sandbox', name);
const server = (name: string, more: Partial<SandboxSpec> = {}): SandboxSpec => ({
  name,
  components: 'server',
  ...more,
});
const nodeNamed = (name: string): SandboxNode => ({
  name,
  zone: 'eu-1a',
  instanceType: 'm6i.large',
  cpu: '2',
  memory: '8Gi',
  pods: 29,
});

beforeAll(async () => {
  bench = await newBench();
  env = { ...process.env, TORYO_STATE: bench.folder };
});

afterEach(async () => {
  const names = await downAll(bench, env);
  for (const name of names) expect(await pidsOf(rootOf(name))).toEqual([]);
});

afterAll(() => bench.clear());

describe('up', () => {
  it('starts a cluster that is there for others, once', async () => {
    const first = await up(server('one', { version: '1.33' }), bench, env);
    const again = await up(server('one', { version: '1.33' }), bench, env);
    expect(again.supervisor).toEqual(first.supervisor);
    expect(await kubeconfigPath('one', env)).toBe(join(rootOf('one'), 'kubeconfig'));
    expect((await stat(join(rootOf('one'), 'pki/ca.key'))).mode & 0o077).toBe(0);
    expect((await list(env)).map((state) => [state.name, state.phase])).toEqual([['one', 'ready']]);
    expect([...(await logsOf('one', undefined, env)).keys()]).toEqual(['supervisor', 'etcd', 'apiserver']);
    expect([...(await logsOf('one', 'etcd', env)).keys()]).toEqual(['etcd']);
  });

  it('twice at once for one name starts one; the other waits and finds it', async () => {
    const [left, right] = await Promise.all([up(server('twin'), bench, env), up(server('twin'), bench, env)]);
    expect(left.supervisor).toEqual(right.supervisor);
    const waited = bench.events.filter((event) => event.cluster === 'twin' && event.state === 'waiting');
    expect(waited).toHaveLength(1);
  });

  it('gives clusters addresses of their own', async () => {
    await Promise.all([up(server('x'), bench, env), up(server('y'), bench, env)]);
    const orders = await Promise.all(
      ['x', 'y'].map((name) => readFile(join(rootOf(name), 'spec.json'), 'utf8')),
    );
    expect(orders.map((text) => text.slice(text.indexOf('"subnet"'))).sort()).toEqual([
      '"subnet":1}',
      '"subnet":2}',
    ]);
  });

  it('changes the version and the nodes of a running cluster, keeping its objects and its address', async () => {
    const spec: SandboxSpec = { name: 'moves', version: '1.35', nodes: [nodeNamed('a'), nodeNamed('b')] };
    const before = await up(spec, bench, env);
    const admin = await adminOf(rootOf('moves'), before.server);
    await admin.ask('POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    const nodes = [nodeNamed('b'), nodeNamed('c')];
    const after = await up({ ...spec, version: '1.36', nodes }, bench, env);
    expect(after.server).toBe(before.server);
    expect(after.supervisor).toEqual(before.supervisor);
    expect(await servedVersion(admin)).toBe('1.36');
    const list = JSON.stringify(await admin.ask('GET', '/api/v1/nodes'));
    expect([...list.matchAll(/"metadata":\{"name":"(\w)"/g)].map((match) => match[1])).toEqual(['b', 'c']);
    expect(list).toContain('v1.35.0');
    expect((await admin.call('GET', '/api/v1/namespaces/kept')).status).toBe(200);
    await admin.close();
  });

  it('survives the end of the program that called it', async () => {
    const door = new URL('./index.ts', import.meta.url).href;
    const run = `{ signal: new AbortController().signal, now: () => '', emit() {} }`;
    const code = `import { up } from ${JSON.stringify(door)}; await up({ name: 'stays', components: 'server' }, ${run}, process.env);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { env, stdio: 'ignore' });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect((await stateOf('stays', env)).phase).toBe('ready');
  });
});

describe('a component that is killed', () => {
  it('is started again; the state and the log say so', async () => {
    const { components } = await up(server('crash'), bench, env);
    process.kill(components.find((component) => component.name === 'etcd')?.life.pid ?? 0, 'SIGKILL');
    const state = await until(
      () => stateOf('crash', env),
      (found) => found.components.some((component) => component.restarts === 1),
    );
    expect(state.components.find((component) => component.name === 'etcd')?.ended).toBe('SIGKILL');
    expect((await logsOf('crash', 'supervisor', env)).get('supervisor')).toContain('ended (SIGKILL)');
  });
});

describe('a supervisor that is killed', () => {
  it('leaves programs that `down` finds and ends', async () => {
    const { supervisor } = await up(server('lost'), bench, env);
    process.kill(supervisor.pid, 'SIGKILL');
    await until(
      () => stateOf('lost', env),
      (state) => state.phase === 'lost',
    );
    expect((await pidsOf(rootOf('lost'))).length).toBe(2);
    await down('lost', bench, env);
    expect(await pidsOf(rootOf('lost'))).toEqual([]);
    await expect(access(rootOf('lost'))).rejects.toThrow();
  });

  it('is replaced by `up`, with the same address and the same objects', async () => {
    const before = await up(server('again'), bench, env);
    const admin = await adminOf(rootOf('again'), before.server);
    await admin.ask('POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    process.kill(before.supervisor.pid, 'SIGKILL');
    await until(
      () => stateOf('again', env),
      (state) => state.phase === 'lost',
    );
    const after = await up(server('again'), bench, env);
    expect(after.server).toBe(before.server);
    expect((await admin.call('GET', '/api/v1/namespaces/kept')).status).toBe(200);
    expect((await pidsOf(rootOf('again'))).length).toBe(3);
    await admin.close();
  });

  it('by SIGTERM ends everything itself', async () => {
    const { supervisor } = await up({ name: 'term' }, bench, env);
    process.kill(supervisor.pid, 'SIGTERM');
    await until(
      () => pidsOf(rootOf('term')),
      (pids) => pids.length === 0,
    );
  });
});

describe('what is not there', () => {
  it('is TORYO_SANDBOX_UNKNOWN, also for a name that would leave the folder', async () => {
    for (const name of ['none', '../x']) {
      const failed = await Promise.allSettled([
        stateOf(name, env),
        down(name, bench, env),
        logsOf(name, 'etcd', env),
      ]);
      const known = failed.map(
        (each) => each.status === 'rejected' && isFailure(each.reason, 'TORYO_SANDBOX_UNKNOWN'),
      );
      expect(known).toEqual([true, true, true]);
    }
    expect(await list(env)).toEqual([]);
    expect((await readdir(join(bench.folder, 'sandbox'))).filter((name) => !name.startsWith('.'))).toEqual(
      [],
    );
  });
});
