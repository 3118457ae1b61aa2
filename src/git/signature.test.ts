import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signerOf, signText } from './index.ts';
import { Bench } from './testing/bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

const namespace = 'test@example.com';
const text = 'Two lines,\nthe last without an end';
const sign = (key?: string) =>
  signText(text, { namespace, ...(key !== undefined && { key }) }, bench.outside);

describe('a signature', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['ecdsa', ['-t', 'ecdsa', '-b', '384']],
    ['rsa of 2048 bits', ['-t', 'rsa', '-b', '2048']],
  ])('of an %s key names its maker', async (_type, options) => {
    const [key, other] = [bench.key('eve', ...options), bench.key('bob')];
    const signature = await sign(key);
    const keys = [bench.publicKey(other), bench.publicKey(key)];
    const signer = { file: 'keys/eve.pub', fingerprint: bench.fingerprint(key), comment: 'eve@example.com' };
    expect(await signerOf({ text, signature, namespace }, keys, bench.outside)).toEqual(signer);
    const ask = (signed: Partial<Parameters<typeof signerOf>[0]>, from = keys) =>
      signerOf({ text, signature, namespace, ...signed }, from, bench.outside);
    expect(await ask({ text: `${text}.` })).toBeUndefined();
    expect(await ask({ namespace: 'git' })).toBeUndefined();
    expect(await ask({ signature: 'nothing' })).toBeUndefined();
    expect(await ask({}, [bench.publicKey(other)])).toBeUndefined();
    expect(await ask({}, [])).toBeUndefined();
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('toryo-git-'))).toEqual([]);
  });

  it('of a key that is too weak, or behind a certificate, is nobody’s', async () => {
    const weak = bench.key('weak', '-t', 'rsa', '-b', '1024');
    await expect(sign(weak)).rejects.toMatchObject({
      code: 'TORYO_APPROVAL',
      message: expect.stringContaining('1024 bits'),
    });
    const signed = path.join(bench.folder, 'text');
    writeFileSync(signed, text);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', weak, signed]);
    const signature = execFileSync('cat', [`${signed}.sig`], { encoding: 'utf8' });
    const ask = (keys: readonly { file: string; text: string }[]) =>
      signerOf({ text, signature, namespace }, keys, bench.outside);
    expect(await ask([bench.publicKey(weak)])).toBeUndefined();

    const [key, authority] = [bench.key('eve'), bench.key('authority')];
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'eve', '-n', 'approver', `${key}.pub`]);
    const certified = await sign(`${key}-cert.pub`);
    const keys = [key, authority].map((one) => bench.publicKey(one));
    expect(await signerOf({ text, signature: certified, namespace }, keys, bench.outside)).toBeUndefined();
  });

  it('is made by the key that git signs with', async () => {
    const key = bench.key('eve');
    for (const value of [key, `~/${path.basename(key)}.pub`]) {
      execFileSync('git', ['config', '--global', 'user.signingkey', value], { env: bench.env });
      const signature = await sign();
      const found = await signerOf({ text, signature, namespace }, [bench.publicKey(key)], bench.outside);
      expect(found?.file).toBe('keys/eve.pub');
    }
  });

  it('is made by an agent that holds the key', async () => {
    const key = bench.key('eve');
    const socket = path.join(bench.folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(agent.stdout, 'data');
      const env = { ...bench.env, SSH_AUTH_SOCK: socket };
      execFileSync('ssh-add', ['-q', key], { env });
      const { text: line } = bench.publicKey(key);
      execFileSync('rm', [key]);
      execFileSync('git', ['config', '--global', 'user.signingkey', `key::${line.trim()}`], { env });
      for (const given of [{ key: `${key}.pub` }, {}]) {
        const signature = await signText(text, { namespace, ...given }, { ...bench.outside, env });
        const keys = [{ file: 'a', text: line }];
        expect(await signerOf({ text, signature, namespace }, keys, bench.outside)).toMatchObject({
          file: 'a',
        });
      }
    } finally {
      agent.kill();
      await once(agent, 'exit');
    }
  });

  it('is refused with what to do', async () => {
    const fails = async (key: string | undefined, message: string, code = 'TORYO_APPROVAL') => {
      await expect(sign(key)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    };
    await fails(undefined, 'give --key FILE, or set user.signingkey');
    execFileSync('git', ['config', '--global', 'user.signingkey', '0123ABCD'], { env: bench.env });
    await fails(undefined, 'is 0123ABCD, which is no SSH key');
    await fails('/nowhere/key', 'key /nowhere/key cannot be read', 'TORYO_USAGE');
    bench.write('text', 'no key');
    await fails(path.join(bench.root, 'text'), 'did not sign');
    const locked = path.join(bench.folder, 'locked');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
    await fails(locked, 'nobody is there to ask: add it to an SSH agent');
  });
});
