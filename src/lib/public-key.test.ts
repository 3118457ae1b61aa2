import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { claimedKeyOf, publicKeyFrom } from './public-key.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'toryo-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keyFile(name: string, ...options: readonly string[]): string {
  const file = path.join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'a b@example.com', ...options, '-f', file]);
  return file;
}

const field = (text: string | Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.from(text).length);
  return Buffer.concat([length, Buffer.from(text)]);
};

const line = (type: string, ...fields: readonly Buffer[]): string =>
  `${type} ${Buffer.concat([field(type), ...fields]).toString('base64')}`;

describe('a public key', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
  ])('%s has the fingerprint that ssh-keygen prints', (name, options) => {
    const file = keyFile(name.replace(' ', '-'), ...options);
    const printed = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
    const key = publicKeyFrom(readFileSync(`${file}.pub`, 'utf8'));
    expect(key).toMatchObject({ comment: 'a b@example.com', fingerprint: printed.split(' ')[1] });
  });

  it('of a hardware token is taken', () => {
    const application = field('ssh:');
    expect(
      publicKeyFrom(line('sk-ssh-ed25519@openssh.com', field('x'.repeat(32)), application)),
    ).toMatchObject({
      fingerprint: expect.stringMatching(/^SHA256:/),
    });
    const ecdsa = [field('nistp256'), field('x'.repeat(65)), application];
    expect(publicKeyFrom(line('sk-ecdsa-sha2-nistp256@openssh.com', ...ecdsa))).toMatchObject({
      comment: '',
    });
  });

  it('that cannot be used says why', () => {
    const weak = keyFile('weak', '-t', 'rsa', '-b', '1024');
    const good = readFileSync(`${keyFile('good', '-t', 'ed25519')}.pub`, 'utf8');
    execFileSync('ssh-keygen', ['-q', '-s', path.join(folder, 'good'), '-I', 'x', '-n', 'x', `${weak}.pub`]);
    const cases: readonly (readonly [text: string, why: string])[] = [
      [readFileSync(`${weak}.pub`, 'utf8'), 'only 1024 bits'],
      [readFileSync(`${weak}-cert.pub`, 'utf8'), 'a certificate'],
      [readFileSync(weak, 'utf8'), 'a private key'],
      [line('ssh-dss', field('p'), field('q'), field('g'), field('y')), 'of type ssh-dss'],
      [good + good, 'more than one key'],
      ['\n# a comment\n', 'empty'],
      [`cert-authority ${good}`, 'not a line'],
      ['ssh-ed25519 !!!!', 'not a line'],
      [good.replace('ssh-ed25519', 'ssh-rsa'), 'damaged'],
      [line('ssh-ed25519', field('x'), field('more')), 'damaged'],
      ['hello', 'not a line'],
    ];
    for (const [text, why] of cases)
      expect(publicKeyFrom(text)).toEqual({ why: expect.stringContaining(why) });
  });

  it('is not found in what is no signature', () => {
    const armored = (body: string): string =>
      `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`;
    for (const text of ['', 'x', armored(''), armored('U1NIU0lHAAAAAf////8='), armored('AAAA')])
      expect(claimedKeyOf(text)).toEqual({ why: 'it is no SSH signature' });
  });
});
