import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, appText, removeFleets } from '../spec/testing/fleet.ts';

afterAll(removeFleets);

/** Runs the command line as a user does. */
function toryo(...words: readonly string[]): { code: number | null; out: string; err: string } {
  return toryoWith({}, ...words);
}

function toryoWith(
  env: Readonly<Record<string, string>>,
  ...words: readonly string[]
): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), [...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('the command line', () => {
  it('prints its version, and leaves --version of a command to the command', () => {
    expect(toryo('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const up = toryo('sandbox', 'up', 'a', '--version', '1.20');
    expect(up.code).toBe(2);
    expect(up.err).toContain('a sandbox serves 1.33, 1.34, 1.35, 1.36, not 1.20');
  });

  it('says when a lock was not written, and does not ask for one', () => {
    const fleet = aFleet().with('apps/shop/web/app.yaml', appText('  image: { a: b }\n')).write();
    const { code, err } = toryo('lock', fleet);
    expect(code).toBe(2);
    expect(err).toContain('nothing was written');
    expect(err).not.toContain('Run `toryo lock`');
  });

  it('calls a folder that cannot be written no defect', () => {
    const { code, err } = toryoWith({ TORYO_STATE: '/sys/toryo' }, 'sandbox', 'up', 'a');
    expect(code).toBe(1);
    expect(err).toMatch(
      /error TORYO_DISK: this machine refuses it: E[A-Z]+: .*'\/sys\/toryo'\n.*TORYO_STATE/,
    );
  });

  it('explains in lines that can be read where no terminal ends', () => {
    const lines = toryo('explain', 'SecurityProfile').out.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  it('suggests the command that was meant, and exits with 2', () => {
    expect(toryo('chek')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean check?') });
  });

  it('shows help with examples', () => {
    expect(toryo('help', 'plan')).toMatchObject({
      code: 0,
      out: expect.stringContaining('toryo plan --out plan.json'),
    });
  });

  it('refuses a name beside --all, and permissions that can match nothing', () => {
    expect(toryo('sandbox', 'down', 'a', '--all')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not both'),
    });
    const plan = toryo('plan', 'examples/minimal', '--allow-delete', 'foo');
    expect(plan).toMatchObject({ code: 2, err: expect.stringContaining('is not KIND/NAME') });
  });

  it('asks nobody who is not there, before anything is started', () => {
    const apply = toryo('apply', 'examples/minimal');
    expect(apply).toMatchObject({ code: 2, err: expect.stringContaining('give --yes') });
    expect(apply.err).not.toContain('start sandbox');
  });

  it('writes scripts that shells can read', () => {
    const script = toryo('completion', 'bash').out;
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    const words = spawnSync(
      'bash',
      ['-c', `${script}\nCOMP_WORDS=(toryo sandbox ''); COMP_CWORD=2; _toryo; echo "\${COMPREPLY[@]}"`],
      { encoding: 'utf8' },
    );
    expect(words.stdout).toContain('up list kubeconfig logs down');
  });
});
