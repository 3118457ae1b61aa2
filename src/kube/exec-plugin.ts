import { spawn } from 'node:child_process';
import { failure, objectAt, parseJson, reasonOf, stringAt, type JsonObject, type Run } from '../lib/index.ts';
import type { ClusterAccess, ExecPlugin } from './access.ts';

/** What a credential plugin gave. */
export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Milliseconds since 1970; undefined: until the server refuses it. */
  readonly expires?: number;
}

const answerLimit = 1_000_000;
const patience = 60_000;

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a credential plugin once. Throws TORYO_EXEC_PLUGIN naming the command; TORYO_INTERRUPTED when the run is aborted. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  access: ClusterAccess,
  run: Run,
): Promise<ExecCredential> {
  const isInteractive = plugin.interactiveMode !== 'Never' && process.stdin.isTTY;
  const failed = (why: string, cause?: unknown): Error =>
    failure('TORYO_EXEC_PLUGIN', { command: plugin.command, why }, { cluster: access.name, cause });
  if (plugin.interactiveMode === 'Always' && !isInteractive)
    throw failed('it must ask a person, and standard input is no terminal');
  const info = JSON.stringify(execInfo(plugin, access, isInteractive));
  let ended: Ended;
  try {
    ended = await spawned(plugin, info, isInteractive, run.signal);
  } catch (error) {
    if (run.signal.aborted)
      throw failure('TORYO_INTERRUPTED', { what: `running ${plugin.command}` }, { cluster: access.name });
    throw failed(startFailure(error, plugin), error);
  }
  if (ended.exit !== 0)
    throw failed(`exit code ${ended.exit ?? 'none, it was stopped'}${lastLines(ended.stderr)}`);
  return credentialFrom(parseJson(ended.stdout), plugin, failed);
}

function execInfo(plugin: ExecPlugin, access: ClusterAccess, isInteractive: boolean): unknown {
  const cluster = {
    server: access.server,
    ...(access.tlsServerName !== undefined && { 'tls-server-name': access.tlsServerName }),
    ...(access.insecure === true && { 'insecure-skip-tls-verify': true }),
    ...(access.ca !== undefined && {
      'certificate-authority-data': Buffer.from(access.ca).toString('base64'),
    }),
    ...(access.proxyUrl !== undefined && { 'proxy-url': access.proxyUrl }),
    ...(plugin.config !== undefined && { config: plugin.config }),
  };
  return {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: isInteractive, ...(plugin.provideClusterInfo && { cluster }) },
  };
}

function spawned(
  plugin: ExecPlugin,
  info: string,
  isInteractive: boolean,
  signal: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', isInteractive ? 'inherit' : 'pipe'],
      signal,
      // A plugin that asks a person may take as long as the person does.
      ...(isInteractive ? {} : { timeout: patience }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < answerLimit) stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}

function startFailure(error: unknown, plugin: ExecPlugin): string {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  if (!isMissing) return reasonOf(error);
  return plugin.installHint === undefined
    ? 'it is not installed'
    : `it is not installed. ${plugin.installHint}`;
}

function lastLines(stderr: string): string {
  const lines = stderr.trim().split('\n').slice(-3).join(' | ');
  return lines === '' ? '' : `: ${lines}`;
}

type Failed = (why: string) => Error;

function credentialFrom(answer: unknown, plugin: ExecPlugin, failed: Failed): ExecCredential {
  if (stringAt(answer, 'kind') !== 'ExecCredential') throw failed('it printed no ExecCredential');
  const version = stringAt(answer, 'apiVersion');
  if (version !== plugin.apiVersion)
    throw failed(`it printed apiVersion ${version ?? '(none)'}, the kubeconfig says ${plugin.apiVersion}`);
  const status = objectAt(answer, 'status');
  const token = stringAt(status, 'token');
  const pair = pairFrom(status, failed);
  const expires = expiryFrom(status, failed);
  if (token === undefined && pair === undefined)
    throw failed('its ExecCredential has neither a token nor a certificate');
  return {
    ...pair,
    ...(token !== undefined && { token: token.trim() }),
    ...(expires !== undefined && { expires }),
  };
}

function pairFrom(
  status: JsonObject,
  failed: Failed,
): Pick<ExecCredential, 'certificate' | 'key'> | undefined {
  const certificate = stringAt(status, 'clientCertificateData');
  const key = stringAt(status, 'clientKeyData');
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  throw failed('its ExecCredential has only one of clientCertificateData and clientKeyData');
}

function expiryFrom(status: JsonObject, failed: Failed): number | undefined {
  const expiry = stringAt(status, 'expirationTimestamp');
  if (expiry === undefined) return undefined;
  const expires = Date.parse(expiry);
  if (Number.isNaN(expires)) throw failed(`its expirationTimestamp ${expiry} is no time`);
  return expires;
}
