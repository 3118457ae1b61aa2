import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'toryo-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

function toryo(words: readonly string[], input = '') {
  const done = spawnSync(path.resolve('bin/toryo'), ['guard', 'import', ...words], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const any = '{rule: RunAsAny}';
const psp = (name: string, more = ''): string =>
  `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: ${name}}
spec: {privileged: true, volumes: [emptyDir], ${more}runAsUser: ${any}, seLinux: ${any}, supplementalGroups: ${any}, fsGroup: ${any}}
`;

describe('toryo guard import', () => {
  it('tells what a policy becomes, and with -o wide shows a pod for each difference', () => {
    const policy = psp('agent', 'hostPorts: [{min: 80, max: 90}], ');
    const answer = toryo(['-'], policy);
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(answer.out).toMatch(
      /^PodSecurityPolicy agent becomes profile agent \(Pod Security privileged\): 1 class of pods answered differently \(1 looser\)\n/,
    );
    expect(answer.out).toContain('looser, seccomp annotations: was refused, is let in\n');
    expect(answer.out).toContain('No bindings');
    expect(answer.out).not.toContain('kind: Pod\n');
    const wide = toryo(['-', '-o', 'wide'], policy).out;
    expect(wide).toContain('    a seccomp profile may not be set');
    expect(wide).toContain('kind: Pod\n');
  });

  it('does not say that nothing is bound where a role is not in the input', () => {
    const bound = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: use, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: psp-use-a}
subjects: [{kind: Group, name: "system:serviceaccounts:shop"}]
`;
    const answer = toryo(['-'], psp('agent') + bound);
    expect(answer.err).toContain('role psp-use-a is not in the input: whether it gives use');
    expect(answer.out).toContain('not in the input: RoleBinding/shop/use\n');
    expect(answer.out).not.toContain('No bindings');
  });

  it('ends with what was written', () => {
    const words = `'${path.resolve('bin/toryo')}' guard import - --out '${path.join(folder, 'last')}' 2>&1`;
    const done = spawnSync('sh', ['-c', words], { encoding: 'utf8', input: psp('agent') });
    expect(done.stdout.trimEnd().split('\n').at(-1)).toContain('1 profile written to');
  });

  it('gives the same as data and for pull requests', () => {
    const data = JSON.parse(toryo(['-', '-o', 'json'], psp('agent')).out);
    expect(data.profiles[0]).toMatchObject({ policies: ['agent'], profile: 'agent', level: 'privileged' });
    expect(data.profiles[0].differences[0]).toMatchObject({ direction: 'looser', pod: { kind: 'Pod' } });
    expect(toryo(['-', '-o', 'yaml'], psp('agent')).out).toContain('profile: agent');
    expect(toryo(['-', '-o', 'markdown'], psp('agent')).out).toContain('### PodSecurityPolicy agent becomes');
    expect(toryo(['-', '-o', 'name'], psp('agent')).out).toBe('agent\n');
  });

  it('knows the rules of versions that there are', () => {
    expect(toryo(['-', '--kubernetes', '1.99'], psp('agent')).err).toContain(
      '--kubernetes 1.99: known are 1.0 to ',
    );
  });

  it('writes profiles, leaves equal ones, and replaces others only when told', () => {
    const source = path.join(folder, 'psp.yaml');
    const out = path.join(folder, 'fleet');
    const file = path.join(out, 'profiles', 'agent.yaml');
    writeFileSync(source, `${psp('agent')}---\n${psp('other')}`);
    expect(toryo([source, '--out', out]).err).toContain('2 profiles written');
    expect(readdirSync(path.dirname(file))).toEqual(['agent.yaml', 'other.yaml']);
    expect(toryo([source, '--out', out]).err).toContain('0 profiles written');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}# mine\n`);
    writeFileSync(source, `${psp('agent')}---\n${psp('third')}`);
    expect(toryo([source, '--out', out])).toMatchObject({
      code: 2,
      err: expect.stringContaining('agent.yaml would be replaced'),
    });
    expect(existsSync(path.join(out, 'profiles', 'third.yaml'))).toBe(false);
    const replaced = toryo([source, '--out', out, '--overwrite']);
    expect(replaced.err).toContain(`replaced ${file}`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('tells every mistake with its place, and exits with 2', () => {
    const answer = toryo(['-'], `${psp('a', 'hostPID: 3, ')}---\n${psp('b', 'hostIPC: no-idea, ')}`);
    expect(answer).toMatchObject({ code: 2, out: '' });
    expect(answer.err).toContain('stdin:4:');
    expect(answer.err).toContain('PodSecurityPolicy a: spec.hostPID: expected boolean, received number');
    expect(answer.err).toContain('PodSecurityPolicy b: spec.hostIPC: expected boolean, received string');
  });

  it('refuses a source that is not there, and a version that is none', () => {
    expect(toryo([path.join(folder, 'gone.yaml')])).toMatchObject({ code: 2 });
    expect(toryo(['-', '--kubernetes', 'new'], psp('a'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('a version is written 1.35'),
    });
  });
});
