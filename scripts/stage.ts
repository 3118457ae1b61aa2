// What demos share: clusters of their own on this machine, the commands that they show, and an end that leaves nothing behind.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('..', import.meta.url));
const toryo = path.join(root, 'bin/toryo');

/** A place for a demo; with `isKept` its clusters are ordinary sandboxes, and stay. */
export class Stage {
  isInterrupted = false;
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #isKept: boolean;

  constructor(isKept: boolean) {
    this.#isKept = isKept;
    this.folder = mkdtempSync(path.join(tmpdir(), 'toryo-demo-'));
    this.#env = isKept ? process.env : { ...process.env, TORYO_STATE: path.join(this.folder, 'state') };
    const interrupt = (): void => {
      this.isInterrupted = true;
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  }

  /** Shows a command and runs it as a user would; gives its exit code. */
  async show(...words: readonly string[]): Promise<number> {
    this.heading(`toryo ${words.join(' ')}`);
    return this.#run(words, 'inherit');
  }

  heading(text: string): void {
    const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
    console.log(isColoured ? `\n\u001B[1m$ ${text}\u001B[0m` : `\n$ ${text}`);
  }

  /** Runs a command and gives what it printed. */
  read(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(toryo, words, { cwd: root, env: this.#env, stdio: ['ignore', 'pipe', 'ignore'] });
      const chunks: string[] = [];
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
      child.on('error', reject).on('close', () => resolve(chunks.join('')));
    });
  }

  /** Shows kubectl, and gives what it said; undefined where there is none on PATH. */
  kubectl(kubeconfig: string, ...words: readonly string[]): string | undefined {
    const all = ['--kubeconfig', kubeconfig, ...words];
    const done = spawnSync('kubectl', all, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (done.error !== undefined) return undefined;
    this.heading(`kubectl ${words.join(' ')}`);
    return `${done.stdout}${done.stderr}`;
  }

  #run(words: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
    return new Promise((resolve, reject) => {
      const child = spawn(toryo, words, { cwd: root, env: this.#env, stdio });
      child.on('error', reject).on('exit', (exit) => resolve(exit ?? 130));
    });
  }

  /** Ends the clusters, unless they are kept. */
  async end(): Promise<void> {
    if (!this.#isKept) await this.#run(['sandbox', 'down', '--all'], 'ignore');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
