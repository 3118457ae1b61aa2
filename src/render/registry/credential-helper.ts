import { spawn } from 'node:child_process';
import { at, failure, parseJson, stringAt, type Run } from '../../lib/index.ts';
import type { Environment } from '../order.ts';
import { hubServer, type Credential, type DockerConfig } from './docker-config.ts';

const answerLimit = 65_536;

/** What running a helper needs. */
export interface Surroundings {
  readonly env: Environment;
  readonly run: Run;
  /** Milliseconds: a helper may ask a key store, or a cloud for a token. */
  readonly patience: number;
}

/** What Docker's configuration, or the helper that it names, has for a registry; undefined: nothing, so it is asked as nobody. */
export async function credentialFor(
  registry: string,
  config: DockerConfig,
  around: Surroundings,
): Promise<Credential | undefined> {
  const name = config.helpers.get(registry) ?? config.store;
  const kept = name === undefined ? undefined : await askHelper({ name, registry, config }, around);
  return kept ?? config.auths.get(registry);
}

interface Asking {
  readonly name: string;
  readonly registry: string;
  readonly config: DockerConfig;
}

async function askHelper(
  { name, registry, config }: Asking,
  around: Surroundings,
): Promise<Credential | undefined> {
  if (!/^[\w.-]+$/.test(name))
    throw failure('TORYO_REGISTRY_CONFIG', { file: config.file, why: `"${name}" is no name of a helper` });
  const command = `docker-credential-${name}`;
  const failed = (why: string): Error => failure('TORYO_REGISTRY_HELPER', { command, registry, why });
  const ended = await spawned(command, registry === 'docker.io' ? hubServer : registry, around);
  if (around.run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what: `running ${command}` });
  if ('why' in ended) throw failed(ended.why);
  if (ended.exit === 0) return credentialIn(ended.output, failed);
  // The words by which helpers of Docker say that there is nothing; they say them on standard output.
  if (/credentials not found/i.test(ended.said)) return undefined;
  throw failed(`exit code ${ended.exit ?? 'none, it was stopped'}: ${ended.said.trim().slice(0, 300)}`);
}

function credentialIn(output: string, failed: (why: string) => Error): Credential | undefined {
  const answer = parseJson(output);
  const [username, password] = [stringAt(answer, 'Username'), stringAt(answer, 'Secret')];
  if (username === undefined || password === undefined) throw failed('it printed no Username and Secret');
  if (password === '') return undefined;
  return username === '<token>'
    ? { is: 'identity', token: password }
    : { is: 'password', username, password };
}

type Ended =
  | { readonly exit: number | null; readonly output: string; readonly said: string }
  | { readonly why: string };

function spawned(command: string, input: string, { env, run, patience }: Surroundings): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, ['get'], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: run.signal,
      timeout: patience,
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < answerLimit) output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-answerLimit);
    });
    // A helper that ends without reading is judged by its answer.
    child.stdin.on('error', () => {}).end(input);
    child.on('error', (error) =>
      resolve({ why: at(error, 'code') === 'ENOENT' ? 'it is not on PATH' : error.message }),
    );
    child.on('exit', () => {
      if (!child.killed) return;
      resolve({ why: `it did not end within ${patience / 1000} s` });
      // What it started may hold its output open for as long as it likes.
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.on('close', (exit) => resolve({ exit, output, said: `${complaint}\n${exit === 0 ? '' : output}` }));
  });
}
