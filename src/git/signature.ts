import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { claimedKeyOf, failure, publicKeyFrom, reasonOf, type ToryoError } from '../lib/index.ts';
import { lastWords, programPath, runProgram, withFolder, type Answer, type Outside } from './program.ts';
import { git } from './repository.ts';

/** A public key's file: its name as people know it, and its text. */
export interface PublicKeyFile {
  readonly file: string;
  readonly text: string;
}

/** Whose key made a signature. */
export interface Signer {
  readonly file: string;
  /** `SHA256:…` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly comment: string;
}

/** How a text is signed. */
export interface Signing {
  /** A private key's file, or the .pub file of a key that an SSH agent holds; left out: git's user.signingkey. */
  readonly key?: string;
  /** What the signature is for, e.g. `git` or `plan-approval@toryo.dev`: a signature for one does not count for another. */
  readonly namespace: string;
  /** True: a passphrase, a PIN or a touch may be asked for at the terminal. */
  readonly isInteractive?: boolean;
}

/** Signs a text by `ssh-keygen -Y sign`: an armored SSH signature. Throws TORYO_APPROVAL saying which key to give. */
export async function signText(text: string, signing: Signing, outside: Outside): Promise<string> {
  return withFolder(outside.env, async (folder) => {
    const file = path.join(folder, 'text');
    await writeFile(file, text, { mode: 0o600 });
    const key = await signingKey(signing.key, folder, outside);
    const answer = await runProgram(
      {
        program: 'ssh-keygen',
        args: ['-q', '-Y', 'sign', '-n', signing.namespace, '-f', key.file, file],
        env: { LC_ALL: 'C', ...(signing.isInteractive === true ? {} : { SSH_ASKPASS_REQUIRE: 'never' }) },
        isInteractive: signing.isInteractive === true,
      },
      outside,
    );
    if (answer.exit !== 0) throw refusal(`${key.name} did not sign: ${complaint(answer, signing)}`);
    const signature = await readFile(`${file}.sig`, 'utf8');
    const made = claimedKeyOf(signature);
    if ('why' in made) throw refusal(`${key.name} cannot approve: ${made.why}`);
    return signature;
  });
}

/** The fingerprint of the key that signText would sign with; undefined where only signing shows it. Throws TORYO_APPROVAL saying which key to give. */
export async function signingFingerprint(
  { key: given }: Pick<Signing, 'key'>,
  outside: Outside,
): Promise<string | undefined> {
  return withFolder(outside.env, async (folder) => {
    const key = await signingKey(given, folder, outside);
    const answer = await runProgram(
      { program: 'ssh-keygen', args: ['-l', '-f', key.file], env: { LC_ALL: 'C' } },
      outside,
    );
    return /^\d+ (SHA256:\S+)/.exec(answer.output)?.[1];
  });
}

function refusal(why: string): ToryoError {
  return failure('TORYO_APPROVAL', { why });
}

function complaint(answer: Answer, signing: Signing): string {
  if (signing.isInteractive === true) return 'ssh-keygen says why above';
  const isLocked = /passphrase/i.test(answer.said);
  return isLocked
    ? 'it has a passphrase, and nobody is there to ask: add it to an SSH agent (ssh-add) or run this at a terminal'
    : lastWords(answer);
}

interface SigningKey {
  readonly file: string;
  /** How messages call it. */
  readonly name: string;
}

async function signingKey(given: string | undefined, folder: string, outside: Outside): Promise<SigningKey> {
  if (given !== undefined) return readable(given, `key ${given}`);
  const configured = await git('.', ['config', '--get', 'user.signingkey'], outside);
  const value = configured.exit === 0 ? configured.output.trim() : '';
  if (value === '') throw refusal('no key to sign with: give --key FILE, or set user.signingkey in git');
  const name = 'the key of user.signingkey';
  const literal = value.startsWith('key::') ? value.slice('key::'.length) : value;
  if (!('why' in publicKeyFrom(literal))) {
    const file = path.join(folder, 'key.pub');
    await writeFile(file, `${literal}\n`, { mode: 0o600 });
    return { file, name };
  }
  if (!value.includes('/') && !value.endsWith('.pub'))
    throw refusal(`user.signingkey of git is ${value}, which is no SSH key: give --key FILE`);
  const home = outside.env['HOME'] ?? homedir();
  return readable(value.replace(/^~(?=\/)/, home), `${name}, ${value},`);
}

async function readable(file: string, name: string): Promise<SigningKey> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const why = `${name} cannot be read (${reasonOf(error)}): give the file of an SSH key with --key FILE`;
    throw failure('TORYO_USAGE', { why });
  }
  return { file, name };
}

/** Who of the allowed signers made a signature is read from ssh-keygen's own words, which name this principal. */
const principal = 'approver';
const good = new RegExp(`^Good "[^"\n]*" signature for ${principal} with \\S+ key (SHA256:\\S+)$`, 'm');

/** Public keys as ssh-keygen reads them, and whose they are. */
export interface AllowedSigners {
  readonly file: string;
  /** Which of them ssh-keygen, or git for it, says a good signature is of. */
  signerIn(said: string): Signer | undefined;
}

/** Does the work with a file of allowed signers. Keys that Toryo does not take are left out: nothing of theirs is good. */
export async function withSigners<T>(
  publicKeys: readonly PublicKeyFile[],
  namespace: string,
  outside: Outside,
  work: (signers: AllowedSigners) => Promise<T>,
): Promise<T> {
  const keys = new Map<string, Signer & { readonly line: string }>();
  for (const { file, text } of publicKeys) {
    const key = publicKeyFrom(text);
    if ('why' in key || keys.has(key.fingerprint)) continue;
    const { fingerprint, comment } = key;
    const line = `${principal} namespaces="${namespace}" ${key.type} ${key.base64}\n`;
    keys.set(fingerprint, { file, fingerprint, comment, line });
  }
  return withFolder(outside.env, async (folder) => {
    const file = path.join(folder, 'allowed');
    await writeFile(file, [...keys.values()].map(({ line }) => line).join(''), { mode: 0o600 });
    const signerIn = (said: string): Signer | undefined => {
      const found = keys.get(good.exec(said)?.[1] ?? '');
      if (found === undefined) return undefined;
      return { file: found.file, fingerprint: found.fingerprint, comment: found.comment };
    };
    return work({ file, signerIn });
  });
}

/** A text and what is said to be its signature. */
export interface SignedText {
  readonly text: string;
  readonly signature: string;
  readonly namespace: string;
}

/** Which of the public keys made the signature; undefined when none did, or not of this text or namespace. */
export async function signerOf(
  signed: SignedText,
  publicKeys: readonly PublicKeyFile[],
  outside: Outside,
): Promise<Signer | undefined> {
  if ('why' in claimedKeyOf(signed.signature)) return undefined;
  return withSigners(publicKeys, signed.namespace, outside, async (signers) => {
    const file = `${signers.file}.sig`;
    await writeFile(file, signed.signature, { mode: 0o600 });
    const answer = await runProgram(
      {
        program: 'ssh-keygen',
        args: ['-Y', 'verify', '-f', signers.file, '-I', principal, '-n', signed.namespace, '-s', file],
        env: { LC_ALL: 'C' },
        input: signed.text,
      },
      outside,
    );
    return answer.exit === 0 ? signers.signerIn(answer.output) : undefined;
  });
}

/** The settings under which `git verify-commit` takes SSH signatures of these signers only, whatever the repository says. */
export async function verifying(
  signers: AllowedSigners,
  outside: Outside,
): Promise<readonly (readonly [string, string])[]> {
  const nothing = '/dev/null';
  return [
    ['gpg.format', 'ssh'],
    ['gpg.ssh.allowedSignersFile', signers.file],
    ['gpg.ssh.program', await programPath('ssh-keygen', outside.env)],
    // A signature names its own format: the other programs must not be the repository's choice.
    ['gpg.program', nothing],
    ['gpg.openpgp.program', nothing],
    ['gpg.x509.program', nothing],
  ];
}
