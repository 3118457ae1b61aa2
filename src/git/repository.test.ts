import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAncestor, repositoryFacts } from './index.ts';
import { Bench } from './testing/bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

const facts = (folder = bench.root) => repositoryFacts(folder, bench.outside);

describe('what is checked out', () => {
  it('is a commit and a branch, and is clean', async () => {
    const revision = bench.commit('one');
    expect(await facts()).toEqual({ revision, branch: 'main', isDirty: false, changes: [] });
  });

  it('has no branch where a commit is checked out', async () => {
    const revision = bench.commit('one');
    bench.git('checkout', '-q', '--detach');
    expect(await facts()).toEqual({ revision, isDirty: false, changes: [] });
  });

  it('is nothing without a repository or a commit', async () => {
    expect(await facts()).toBeUndefined();
    expect(await facts(bench.folder)).toBeUndefined();
    expect(await isAncestor(bench.folder, 'a', 'b', bench.outside)).toBeUndefined();
  });

  it('is dirty by changed, staged, removed, new and ignored files below the folder', async () => {
    for (const name of ['changed', 'staged', 'removed']) bench.write(`fleet/${name}.yaml`, 'a: 1\n');
    bench.write('.gitignore', 'ignored.yaml\nnode_modules/\n');
    bench.commit('one');
    bench.write('outside.yaml', 'a: 1\n');
    const folder = path.join(bench.root, 'fleet');
    expect(await facts(folder)).toMatchObject({ isDirty: false });
    bench.write('fleet/changed.yaml', 'a: 2\n');
    bench.write('fleet/staged.yaml', 'a: 2\n');
    bench.git('add', 'fleet/staged.yaml');
    bench.git('rm', '-q', 'fleet/removed.yaml');
    bench.write('fleet/sub/new ü.yaml', 'a: 1\n');
    bench.write('fleet/ignored.yaml', 'a: 1\n');
    const changes = ['changed.yaml', 'staged.yaml', 'removed.yaml', 'sub/new ü.yaml', 'ignored.yaml'];
    expect(new Set((await facts(folder))?.changes)).toEqual(new Set(changes));
  });

  it('is not dirty by what no fleet reads', async () => {
    bench.commit('one');
    bench.write('node_modules/a/package.json', '{}');
    bench.write('.cache/a.yaml', 'a: 1\n');
    expect(await facts()).toMatchObject({ isDirty: false });
  });

  it('is dirty by a file whose change the index was told to overlook', async () => {
    bench.commit('one');
    bench.commit('two');
    bench.git('update-index', '--assume-unchanged', 'one.yaml');
    bench.git('update-index', '--skip-worktree', 'two.yaml');
    bench.write('one.yaml', 'other\n');
    bench.write('two.yaml', 'other\n');
    expect((await facts())?.changes).toEqual(['one.yaml', 'two.yaml']);
  });

  it('is dirty by a change in a submodule', async () => {
    const other = new Bench();
    try {
      other.commit('inner');
      bench.git('submodule', '--quiet', 'add', other.root, 'modules/inner');
      bench.commit('one');
      expect(await facts()).toMatchObject({ isDirty: false });
      bench.write('modules/inner/inner.yaml', 'other\n');
      expect((await facts())?.changes).toEqual(['modules/inner/inner.yaml']);
    } finally {
      other.remove();
    }
  });

  it('stays as it was: the index is not written, no file is left', async () => {
    bench.commit('one');
    const index = path.join(bench.root, '.git/index');
    bench.write('one.yaml', 'one\n');
    const before = statSync(index, { bigint: true }).mtimeNs;
    await facts();
    expect(statSync(index, { bigint: true }).mtimeNs).toBe(before);
    expect(readdirSync(bench.folder)).toEqual(['fleet']);
  });
});

describe('a repository of a stranger', () => {
  it('runs none of the programs that its configuration names', async () => {
    const trap = path.join(bench.folder, 'trap');
    const sprung = path.join(bench.folder, 'sprung');
    writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${sprung}\ncat\n`);
    chmodSync(trap, 0o755);
    bench.write('.gitattributes', '*.yaml filter=evil diff=evil\n');
    bench.commit('one');
    const hooks = path.join(bench.root, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout']) {
      writeFileSync(path.join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${sprung}\n`);
      chmodSync(path.join(hooks, hook), 0o755);
    }
    const places =
      'core.fsmonitor core.pager core.editor core.sshCommand diff.external filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.textconv gpg.program gpg.ssh.program credential.helper filter.a=b.clean';
    for (const key of places.split(' ')) bench.git('config', key, trap);
    bench.git('config', 'filter.evil.required', 'true');
    bench.write('one.yaml', 'one\n');
    expect(await facts()).toMatchObject({ isDirty: false });
    bench.write('one.yaml', 'other\n');
    expect((await facts())?.changes).toEqual(['one.yaml']);
    expect(existsSync(sprung)).toBe(false);
    // The traps are real: git by itself steps into them.
    bench.git('-c', 'filter.evil.required=false', 'status');
    expect(existsSync(sprung)).toBe(true);
  });

  it('cannot show other files, or another history, than those that are read', async () => {
    const [first, second, third] = [bench.commit('one'), bench.commit('two'), bench.commit('three')];
    bench.git('replace', '--graft', second);
    expect(bench.git('rev-list', third)).not.toContain(first);
    expect(await isAncestor(bench.root, first, third, bench.outside)).toBe(true);
    mkdirSync(path.join(bench.folder, 'elsewhere'));
    bench.git('config', 'core.worktree', path.join(bench.folder, 'elsewhere'));
    await expect(facts()).rejects.toMatchObject({
      code: 'TORYO_GIT',
      message: expect.stringContaining('core.worktree'),
    });
  });

  it('is not believed where it hides in a folder as a bare repository', async () => {
    bench.commit('one');
    const apps = path.join(bench.root, 'apps');
    bench.gitAt(bench.root, 'init', '-q', '--bare', 'apps');
    bench.gitAt(apps, 'config', 'core.bare', 'false');
    bench.gitAt(apps, 'config', 'core.worktree', apps);
    bench.gitAt(
      apps,
      '-c',
      'user.name=x',
      '-c',
      'user.email=x',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'another history',
    );
    await expect(facts(apps)).rejects.toMatchObject({
      code: 'TORYO_GIT',
      message: expect.stringContaining('bare repository'),
    });
  });

  it('is left alone by variables that lead git elsewhere', async () => {
    const revision = bench.commit('one');
    const env = { ...bench.env, GIT_DIR: bench.folder, GIT_WORK_TREE: '/', GIT_INDEX_FILE: '/nowhere' };
    expect(await repositoryFacts(bench.root, { ...bench.outside, env })).toMatchObject({ revision });
  });
});

describe('history', () => {
  it('says which commit is below another', async () => {
    const [one, two] = [bench.commit('one'), bench.commit('two')];
    bench.git('checkout', '-q', '-b', 'side', one);
    const side = bench.commit('side');
    const ask = (older: string, newer: string) => isAncestor(bench.root, older, newer, bench.outside);
    expect(await Promise.all([ask(one, two), ask(two, one), ask(side, two)])).toEqual([true, false, false]);
    expect(await ask('0123456789012345678901234567890123456789', two)).toBeUndefined();
    expect(await ask('--all', two)).toBeUndefined();
  });

  it('is unknown where a shallow clone is cut', async () => {
    const [one, two, three] = [bench.commit('one'), bench.commit('two'), bench.commit('three')];
    bench.git('checkout', '-q', '-b', 'side', one);
    const side = bench.commit('side');
    const clone = bench.clone('shallow', '--depth', '2', '--no-single-branch', '-b', 'main');
    const ask = (older: string, newer: string) => isAncestor(clone, older, newer, bench.outside);
    expect(await ask(two, three)).toBe(true);
    expect(await ask(side, three)).toBeUndefined();
    expect(await ask(one, three)).toBe(undefined);
    expect(await facts(clone)).toMatchObject({ revision: three, isDirty: false });
  });
});

describe('a machine without git', () => {
  it('says so, and runs nothing that lies in the folder', async () => {
    bench.write('git', '#!/bin/sh\nexit 0\n');
    chmodSync(path.join(bench.root, 'git'), 0o755);
    for (const PATH of ['', '.', bench.folder, undefined])
      await expect(
        repositoryFacts(bench.root, { ...bench.outside, env: { ...bench.env, PATH } }),
      ).rejects.toMatchObject({ code: 'TORYO_GIT', message: 'git: it is not on PATH: install it' });
  });

  it('stops when the run is stopped', async () => {
    const run = { ...bench.outside.run, signal: AbortSignal.abort() };
    await expect(repositoryFacts(bench.root, { ...bench.outside, run })).rejects.toMatchObject({
      code: 'TORYO_INTERRUPTED',
    });
  });
});
