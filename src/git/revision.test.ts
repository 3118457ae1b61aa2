import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withRevision } from './index.ts';
import { Bench } from './testing/bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

/** Files of a revision; undefined where there is none. */
const filesOf = (name: string, root = bench.root) =>
  withRevision(root, name, bench.outside, (folder, commit) =>
    Promise.resolve({
      commit,
      files: Object.fromEntries(
        readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]),
      ),
    }),
  );

describe('a revision', () => {
  it('is there as it was, by whatever name, and the repository stays as it is', async () => {
    const first = bench.commit('one');
    bench.git('tag', 'v1.0');
    const second = bench.commit('two');
    bench.write('one.yaml', 'changed\n');
    bench.git('add', 'one.yaml');
    bench.write('new.yaml', 'new\n');
    const status = bench.git('status', '--porcelain');
    const old = { commit: first, files: { 'one.yaml': 'one\n' } };
    for (const name of ['v1.0', 'HEAD~1', 'HEAD^', first, first.slice(0, 9), 'main@{1}'])
      expect(await filesOf(name), name).toEqual(old);
    const now = { commit: second, files: { 'one.yaml': 'one\n', 'two.yaml': 'two\n' } };
    expect(await filesOf('main')).toEqual(now);
    expect(bench.git('status', '--porcelain')).toBe(status);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('toryo-git-'))).toEqual([]);
  });

  it('has the folder of the fleet, with what is beside it', async () => {
    bench.write('base/pod.yaml', 'base\n');
    bench.write('fleet/fleet.yaml', 'a\n');
    bench.commit('one');
    const root = path.join(bench.root, 'fleet');
    const seen = await withRevision(root, 'main', bench.outside, (folder) =>
      Promise.resolve(readFileSync(path.join(folder, '../base/pod.yaml'), 'utf8')),
    );
    expect(seen).toBe('base\n');
    bench.git('checkout', '-q', '--orphan', 'other');
    bench.git('rm', '-rfq', '.');
    bench.commit('two');
    bench.write('fleet/fleet.yaml', 'a\n');
    await expect(filesOf('other', root)).rejects.toThrow('other has no folder fleet');
  });

  it.each(['gone', '--all', 'main..other', '-h', ':/one', 'a b', ''])('%j is none', async (name) => {
    bench.commit('one');
    expect(await filesOf(name)).toBeUndefined();
  });

  it('is none where no repository is', async () => {
    expect(await filesOf('main', bench.folder)).toBeUndefined();
  });

  it('runs no filter and no hook that the repository brings, and is removed after a failure', async () => {
    bench.write('.gitattributes', '*.yaml filter=bad\n');
    bench.commit('one');
    const trace = path.join(bench.folder, 'trace');
    bench.git('config', 'filter.bad.smudge', `touch ${trace}; cat`);
    writeFileSync(path.join(bench.root, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${trace}\n`, {
      mode: 0o755,
    });
    const work = withRevision(bench.root, 'main', bench.outside, () => Promise.reject(new Error('no')));
    await expect(work).rejects.toThrow('no');
    expect(existsSync(trace)).toBe(false);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('toryo-git-'))).toEqual([]);
  });
});
