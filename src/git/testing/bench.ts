import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Outside, PublicKeyFile } from '../index.ts';

/** A folder with a repository and keys, made by the real programs; no configuration of this machine reaches it. */
export class Bench {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'toryo-bench-')));
  readonly root = path.join(this.folder, 'fleet');
  readonly env: Readonly<Record<string, string | undefined>> = {
    PATH: process.env['PATH'],
    HOME: this.folder,
    TMPDIR: this.folder,
    GIT_CONFIG_NOSYSTEM: '1',
  };
  readonly outside: Outside = {
    run: { signal: new AbortController().signal, now: () => new Date().toISOString(), emit: () => {} },
    env: this.env,
  };

  constructor() {
    mkdirSync(this.root);
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'Ann Author');
    this.git('config', 'user.email', 'ann@example.com');
  }

  git(...args: readonly string[]): string {
    return this.gitAt(this.root, ...args);
  }

  gitAt(folder: string, ...args: readonly string[]): string {
    return execFileSync('git', ['-C', folder, '-c', 'protocol.file.allow=always', ...args], {
      encoding: 'utf8',
      env: { ...this.env, GIT_ALLOW_PROTOCOL: 'file' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
    writeFileSync(path.join(this.root, file), text);
  }

  /** A commit with a file of its own; its id. */
  commit(message: string, ...options: readonly string[]): string {
    this.write(`${message.split(/\W/)[0] ?? 'x'}.yaml`, `${message}\n`);
    this.git('add', '-A');
    this.git(...this.#signing(options), 'commit', '-q', '-m', message, ...options);
    return this.git('rev-parse', 'HEAD');
  }

  /** A commit that changes no file, signed by a key; its id. */
  approve(key: string, message: string): string {
    const name = path.basename(key);
    const settings = [
      `user.name=${name}`,
      `user.email=${name}@example.com`,
      'gpg.format=ssh',
      `user.signingkey=${key}`,
    ];
    const options = settings.flatMap((setting) => ['-c', setting]);
    this.git(...options, 'commit', '-q', '--allow-empty', '-S', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Makes a key pair; the path of its private half. */
  key(name: string, ...options: readonly string[]): string {
    const file = path.join(this.folder, name);
    const wanted = options.length === 0 ? ['-t', 'ed25519'] : options;
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', `${name}@example.com`, ...wanted, '-f', file]);
    return file;
  }

  publicKey(key: string): PublicKeyFile {
    return { file: `keys/${path.basename(key)}.pub`, text: readFileSync(`${key}.pub`, 'utf8') };
  }

  fingerprint(key: string): string {
    return execFileSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
  }

  /** A clone as CI makes it; its folder. */
  clone(name: string, ...options: readonly string[]): string {
    const folder = path.join(this.folder, name);
    this.gitAt(this.folder, 'clone', '-q', ...options, `file://${this.root}`, folder);
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #signing(options: readonly string[]): readonly string[] {
    return options.includes('-S') ? [] : ['-c', 'commit.gpgSign=false'];
  }
}
