import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvalTrailers, authorsBetween } from './index.ts';
import { Bench } from './testing/bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

const plan = `sha256:${'ab'.repeat(32)}`;
const ann = { name: 'Ann Author', email: 'ann@example.com' };

describe('authors of commits', () => {
  it('are authors, committers and co-authors, each once', async () => {
    const base = bench.commit('zero', '--author', 'Old Hand <old@example.com>');
    bench.commit('one\n\nwhy\n\nCo-authored-by: Bob Both <bob@example.com>\nCO-AUTHORED-BY: <c@example.com>');
    const head = bench.commit('two', '--author', 'Dan Ñandú <DAN@example.com>');
    const found = await authorsBetween(bench.root, { base, head }, bench.outside);
    expect(new Set(found)).toEqual(
      new Set([
        ann,
        { name: 'Bob Both', email: 'bob@example.com' },
        { name: '', email: 'c@example.com' },
        { name: 'Dan Ñandú', email: 'DAN@example.com' },
      ]),
    );
    const alone = await authorsBetween(bench.root, { head }, bench.outside);
    expect(alone.map(({ email }) => email)).toEqual(['DAN@example.com', 'ann@example.com']);
  });

  it('have the key that the commit was signed with, also behind a certificate', async () => {
    const base = bench.commit('zero');
    const key = bench.key('ann');
    bench.git('config', 'gpg.format', 'ssh');
    bench.git('config', 'user.signingkey', key);
    bench.commit('one', '-S');
    const signer = bench.fingerprint(key);
    const ask = async () => await authorsBetween(bench.root, { base, head: 'HEAD' }, bench.outside);
    expect(await ask()).toEqual([ann, { ...ann, signer }]);
    const authority = bench.key('authority');
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'ann', '-n', 'ann', `${key}.pub`]);
    bench.git('config', 'user.signingkey', `${key}-cert.pub`);
    bench.git('reset', '-q', '--hard', base);
    bench.commit('two', '-S');
    expect(bench.git('cat-file', 'commit', 'HEAD')).toContain('SSH SIGNATURE');
    expect(await ask()).toEqual([ann, { ...ann, signer }]);
  });

  it('are not those who only approve; who approves and changes is one', async () => {
    const base = bench.commit('zero');
    bench.commit('one');
    bench.approve(bench.key('eve'), `approve\n\nToryo-Approve: ${plan}`);
    const ask = async (range: { base?: string; head: string }) =>
      (await authorsBetween(bench.root, range, bench.outside)).map(({ email }) => email);
    expect(await ask({ base, head: 'HEAD' })).toEqual(['ann@example.com']);
    expect(await ask({ head: 'HEAD' })).toEqual(['ann@example.com']);
    bench.commit(`two\n\nToryo-Approve: ${plan}`, '--author', 'Eve <eve@example.com>');
    expect(await ask({ base, head: 'HEAD' })).toContain('eve@example.com');
  });

  it('are found whatever encoding the repository asks for, and not made up where a commit names none', async () => {
    const base = bench.commit('zero');
    bench.git('config', 'i18n.logOutputEncoding', 'UTF-16');
    bench.commit('one');
    const ask = () => authorsBetween(bench.root, { base, head: 'HEAD' }, bench.outside);
    expect(await ask()).toEqual([ann]);
    const object = bench.git('cat-file', 'commit', 'HEAD').replace(/^author .*$/m, 'author nobody');
    const options = ['-C', bench.root, 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin'];
    const id = execFileSync('git', options, { input: `${object}\n`, encoding: 'utf8' }).trim();
    bench.git('reset', '-q', '--hard', id);
    await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining('cannot be read') });
  });

  it('are refused where a shallow clone does not know them all', async () => {
    const base = bench.commit('zero');
    bench.commit('one', '--author', 'Bob <bob@example.com>');
    bench.commit('two');
    const clone = bench.clone('shallow', '--depth', '2');
    const ask = authorsBetween(clone, { base, head: 'HEAD' }, bench.outside);
    await expect(ask).rejects.toMatchObject({
      code: 'TORYO_GIT',
      message: expect.stringContaining('fetch-depth: 0'),
    });
    // The base fetched by itself joins nothing: what is between is still not here.
    bench.gitAt(clone, 'fetch', '-q', '--depth', '1', 'origin', base);
    const again = authorsBetween(clone, { base, head: 'HEAD' }, bench.outside);
    await expect(again).rejects.toMatchObject({ message: expect.stringContaining('shallow clone') });
  });
});

describe('approvals in commits', () => {
  const approvals = (...keys: readonly string[]) =>
    approvalTrailers(
      bench.root,
      { base: 'base', head: 'HEAD' },
      keys.map((key) => bench.publicKey(key)),
      bench.outside,
    );

  beforeEach(() => {
    bench.commit('zero');
    bench.git('branch', 'base');
  });

  it('count when one of the keys signed them', async () => {
    const [eve, bob] = [bench.key('eve'), bench.key('bob', '-t', 'ecdsa')];
    const commit = bench.approve(eve, `approve\n\nSee above.\n\nToryo-Approve: ${plan}\nReviewed-by: x`);
    const signer = { file: 'keys/eve.pub', fingerprint: bench.fingerprint(eve), comment: 'eve@example.com' };
    expect(await approvals(bob, eve)).toEqual([
      { plan, commit, at: expect.stringMatching(/^\d{4}-.*Z$/), signer },
    ]);
    expect(await approvals(bob)).toEqual([]);
    expect(await approvals()).toEqual([]);
  });

  it('do not count without a signature, or by GPG', async () => {
    bench.commit(`one\n\nToryo-Approve: ${plan}`);
    const key = bench.key('eve');
    bench.approve(key, `approve\n\nToryo-Approve: ${plan}`);
    const object = bench.git('cat-file', 'commit', 'HEAD');
    // What a stranger would do: another message, or another format, under the same signature.
    const forge = (text: string) => {
      const id = execFileSync('git', ['-C', bench.root, 'hash-object', '-t', 'commit', '-w', '--stdin'], {
        input: `${text}\n`,
        encoding: 'utf8',
      }).trim();
      bench.git('reset', '-q', '--hard', id);
    };
    expect(await approvals(key)).toHaveLength(1);
    forge(object.replace('approve\n', 'another\n'));
    expect(await approvals(key)).toEqual([]);
    forge(object.replaceAll('SSH SIGNATURE', 'PGP SIGNATURE'));
    expect(await approvals(key)).toEqual([]);
  });

  it('are trailers: a line in the middle of a message, or no hash, is none', async () => {
    const key = bench.key('eve');
    bench.approve(key, `quote\n\nToryo-Approve: ${plan}\n\nHe wrote the above.`);
    bench.approve(key, 'approve\n\nToryo-Approve: everything');
    expect(await approvals(key)).toEqual([]);
  });

  it('are checked by ssh-keygen and these keys, whatever the repository configures', async () => {
    const [eve, mallory] = [bench.key('eve'), bench.key('mallory')];
    bench.approve(mallory, `approve\n\nToryo-Approve: ${plan}`);
    const all = `${bench.folder}/all`;
    execFileSync('sh', ['-c', `printf 'approver %s\\n' "$(cut -d' ' -f1,2 ${mallory}.pub)" > ${all}`]);
    bench.git('config', 'gpg.ssh.allowedSignersFile', all);
    bench.git('config', 'gpg.minTrustLevel', 'undefined');
    bench.git('config', 'trailer.separators', '#');
    bench.git('config', 'log.showSignature', 'true');
    expect(bench.git('verify-commit', 'HEAD')).toBe('');
    expect(await approvals(eve)).toEqual([]);
    expect(await approvals(mallory)).toHaveLength(1);
  });

  it('need ssh-keygen', async () => {
    const key = bench.key('eve');
    bench.approve(key, `approve\n\nToryo-Approve: ${plan}`);
    execFileSync('sh', [
      '-c',
      `mkdir ${bench.folder}/bin; ln -s "$(command -v git)" ${bench.folder}/bin/git`,
    ]);
    const outside = { ...bench.outside, env: { ...bench.env, PATH: `${bench.folder}/bin` } };
    const ask = approvalTrailers(bench.root, { head: 'HEAD' }, [bench.publicKey(key)], outside);
    await expect(ask).rejects.toMatchObject({ message: 'ssh-keygen: it is not on PATH: install it' });
  });
});
