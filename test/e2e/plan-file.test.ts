import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;
const web = 'apps/shop/web/manifests/web.yaml';
const file = (name: string): string => join(bench.folder, name);
const plan = async (name: string, ...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('plan', '--out', file(name), ...words);
  expect(answer.code, answer.all).toBe(0);
  return file(name);
};
const content = (name: string): Record<string, unknown> => JSON.parse(readFileSync(name, 'utf8'));
const shown = async (name = 'web'): Promise<unknown> =>
  (await bench.client().get(core('ConfigMap', name, 'shop-web')))?.['data'];

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web'], 'quota: { cpu: "4", pods: 10 }'),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [web]: configMapYaml('web', { is: 'A' }),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(() => bench.stop());

describe('the file of a plan', () => {
  it('is carried out as it is, and a second time there is nothing left to do', async () => {
    const first = await plan('first.json');
    expect(content(first)).toMatchObject({
      kind: 'Plan',
      fleet: 'acme',
      approvals: [],
      repository: { root: 'fleet' },
    });
    for (const time of ['first', 'second']) {
      const answer = await bench.run('apply', first);
      expect(answer.code, `${time}: ${answer.all}`).toBe(0);
    }
    expect(await shown()).toEqual({ is: 'A' });
  });

  it('has the same bytes when nothing changed, but for the time', async () => {
    await bench.write({ [web]: configMapYaml('web', { is: 'B', more: 'x' }) });
    const [one, other] = [content(await plan('one.json')), content(await plan('other.json'))];
    expect({ ...one, at: '' }).toEqual({ ...other, at: '' });
    expect(JSON.stringify({ ...one, at: '' })).toBe(JSON.stringify({ ...other, at: '' }));
  });

  it('takes the place of no other file', async () => {
    const fleet = join(bench.root, 'fleet.yaml');
    const before = readFileSync(fleet, 'utf8');
    const answer = await bench.toryo('plan', '--out', fleet);
    expect(answer.code, answer.all).toBe(2);
    expect(answer.err).toContain('is there and is no plan');
    expect(readFileSync(fleet, 'utf8')).toBe(before);
  });

  it('may lie in the repository', async () => {
    execFileSync('git', ['-C', bench.root, 'init', '-q']);
    const git = ['-C', bench.root, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
    execFileSync('git', [...git, 'add', '-A']);
    execFileSync('git', [...git, 'commit', '-q', '-m', 'one']);
    await plan('fleet/plan.json');
    await plan('fleet/plan.json');
    const repository = { root: '.', isDirty: false, revision: expect.stringMatching(/^[0-9a-f]{40}$/) };
    expect(content(file('fleet/plan.json'))).toMatchObject({ repository });
    await bench.write({ 'plan.json': undefined });
  });

  it('is not carried out when the repository changed, and says so', async () => {
    const old = await plan('old.json');
    await bench.edit(web, '"x"', '"y"');
    const answer = await bench.run('apply', old);
    expect(answer.code, answer.all).toBe(3);
    expect(answer.err).toContain('lab\n  + the repository says something else than when the plan was made');
    expect(answer.err).toContain('TORYO_PLAN_STALE');
    await bench.edit(web, '"y"', '"x"');
  });

  it('is not carried out when the cluster changed, and names everything that is new', async () => {
    const old = await plan('drift.json');
    await bench.kubectl('lab', ['delete', 'networkpolicy', '--all', '-n', 'shop-web']);
    await bench.kubectl('lab', ['delete', 'configmap', 'web', '-n', 'shop-web']);
    const answer = await bench.run('apply', old);
    expect(answer.code, answer.all).toBe(3);
    expect(answer.err).toMatch(/ {2}\+ create NetworkPolicy\/shop-web\/\S+\n/);
    expect(answer.err).toContain('  + create ConfigMap/shop-web/web\n');
    expect(await shown()).toBeUndefined();
    expect((await bench.run('apply', await plan('now.json'))).code).toBe(0);
    expect(await shown()).toEqual({ is: 'B', more: 'x' });
  });

  it('is refused when somebody changed it, and with options that it holds itself', async () => {
    const text = readFileSync(file('old.json'), 'utf8');
    writeFileSync(file('forged.json'), text.replace('"action": "configure"', '"action": "delete"'));
    expect(await bench.run('apply', file('forged.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('was changed after it was made'),
    });
    expect((await bench.run('apply', file('old.json'), '-c', 'lab')).code).toBe(2);
  });

  it('stays whole when the disk is full', async () => {
    await plan('full.json');
    const before = readFileSync(file('full.json'), 'utf8');
    const words = `ulimit -f 4; exec "$@"`;
    const program = join(import.meta.dirname, '../../bin/toryo');
    const run = (): number => {
      try {
        const command = [program, 'plan', bench.root, '--out', file('full.json')];
        execFileSync('sh', ['-c', words, 'sh', ...command], { env: bench.env, stdio: 'pipe' });
        return 0;
      } catch (error) {
        expect(String(Reflect.get(Object(error), 'stderr'))).toContain(
          'could not be written and is as it was',
        );
        return Number(Reflect.get(Object(error), 'status'));
      }
    };
    expect(run()).toBe(1);
    expect(readFileSync(file('full.json'), 'utf8')).toBe(before);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('.full'))).toEqual([]);
  });
});

describe('effects of a plan', () => {
  it('are room in quotas', async () => {
    const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const container = { name: 'main', image: 'main:1', securityContext: strict };
    const pod = { containers: [{ ...container, resources: { requests: { cpu: '1500m' } } }] };
    // With an autoscaler that may leave one of three, so that check takes it.
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'big' },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'big' } },
    };
    await bench.write({
      'apps/shop/web/manifests/d.yaml': deploymentYaml('big', { replicas: 3, pod }),
      'apps/shop/web/manifests/scaler.yaml': JSON.stringify(scaler),
    });
    const answer = await bench.toryo('plan');
    expect(answer.out).toMatch(
      /note shop-web: requests\.cpu \S+ of 4 used, this adds 4500m: it does not fit/,
    );
    expect(answer.out).toMatch(/effect shop-web: pods \S+ of 10 used, this adds 3/);
    await bench.write({
      'apps/shop/web/manifests/d.yaml': undefined,
      'apps/shop/web/manifests/scaler.yaml': undefined,
    });
  });
});

describe('a plan by reading alone', () => {
  it('needs only the rights to get and list, and can be neither approved nor applied', async () => {
    const user = 'reader';
    await bench.kubectl('lab', [
      'create',
      'clusterrolebinding',
      user,
      '--clusterrole=view',
      `--user=${user}`,
    ]);
    await bench.useContexts({ lab: 'lab' }, (_context, _cluster, who) => {
      who['as'] = user;
    });
    await bench.edit(web, '"x"', '"z"');
    const answer = await bench.toryo('plan', '--read-only', '--out', file('read.json'));
    expect(answer.code, answer.all).toBe(0);
    expect(answer.out).toMatch(/~ ConfigMap\/shop-web\/web .*read-only\n\s+data\.more: x -> z/);
    const document = content(file('read.json'));
    expect(document['isReadOnly']).toBe(true);
    const changes = JSON.stringify(document['waves']);
    expect(changes).not.toContain('"dry-run"');
    expect(changes).not.toContain('"blocked"');
    expect(changes).toContain('"action":"skip"');
    await bench.useContexts({ lab: 'lab' });
    expect(content(await plan('real.json'))['hash']).not.toBe(document['hash']);
    for (const verb of ['apply', 'approve']) {
      const refusal = await bench.run(verb, file('read.json'), '--yes');
      expect(refusal).toMatchObject({ code: 3, err: expect.stringContaining('--read-only') });
    }
  });
});
