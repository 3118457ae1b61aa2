import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type Environment, type Life } from '../assets/index.ts';
import {
  compareText,
  failure,
  isDnsLabel,
  isObject,
  objectAt,
  parseJson,
  type Instant,
} from '../lib/index.ts';
import { componentNames, type ComponentName } from './component.ts';
import { folderAt, textOf, writeWhole } from './folder.ts';
import type { SandboxSpec } from './shape.ts';
import type { ComponentState } from './watchdog.ts';

/** How a cluster is doing; `lost`: nobody watches over it any more (its supervisor was killed). */
export type SandboxPhase = 'starting' | 'ready' | 'changing' | 'stopping' | 'failed' | 'lost';

/** One cluster of this machine, as its supervisor last wrote it. */
export interface SandboxState {
  readonly name: string;
  readonly phase: SandboxPhase;
  readonly since: Instant;
  /** Why it failed. */
  readonly why?: string;
  readonly spec: SandboxSpec;
  /** Digest of the spec that was carried out last. */
  readonly applied: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly supervisor: Life;
  readonly components: readonly ComponentState[];
}

/** What a cluster was asked to be. */
export interface Order {
  readonly spec: SandboxSpec;
  readonly subnet: number;
}

/** The folder that holds the clusters' folders: TORYO_STATE, else toryo under XDG_STATE_HOME, else under ~/.local/state. */
export function sandboxRoot(env: Environment): string {
  const own = env['TORYO_STATE'];
  if (own !== undefined && own !== '') return join(own, 'sandbox');
  const base = env['XDG_STATE_HOME'];
  const home = env['HOME'] ?? homedir();
  return join(base === undefined || base === '' ? join(home, '.local', 'state') : base, 'toryo', 'sandbox');
}

/** The folder of the cluster with that name; throws TORYO_SANDBOX_UNKNOWN for what cannot be a name. */
export function rootOf(name: string, env: Environment): string {
  if (!isDnsLabel(name)) throw failure('TORYO_SANDBOX_UNKNOWN', { name });
  return join(sandboxRoot(env), name);
}

/** Names of the clusters that have a folder, in order. */
export async function namesIn(env: Environment): Promise<readonly string[]> {
  const entries = await readdir(sandboxRoot(env), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && isDnsLabel(entry.name));
  return folders.map((entry) => entry.name).sort(compareText);
}

/** Every cluster of this machine and user, by name. */
export async function list(env: Environment): Promise<readonly SandboxState[]> {
  const states: SandboxState[] = [];
  for (const name of await namesIn(env)) {
    const state = await readState(rootOf(name, env));
    if (state !== undefined) states.push(state);
  }
  return states;
}

/** The cluster of that name; throws TORYO_SANDBOX_UNKNOWN. */
export async function stateOf(name: string, env: Environment): Promise<SandboxState> {
  const state = await readState(rootOf(name, env));
  if (state === undefined) throw failure('TORYO_SANDBOX_UNKNOWN', { name });
  return state;
}

/** Path of the admin's kubeconfig of that cluster; throws TORYO_SANDBOX_UNKNOWN. */
export async function kubeconfigPath(name: string, env: Environment): Promise<string> {
  return (await stateOf(name, env)).kubeconfig;
}

/** What has a log. */
export type LogName = ComponentName | 'supervisor';

/** The logs of a cluster, of one component or (undefined) of all; a component that never ran has none. */
export async function logsOf(
  name: string,
  component: LogName | undefined,
  env: Environment,
): Promise<ReadonlyMap<LogName, string>> {
  await stateOf(name, env);
  const folder = folderAt(rootOf(name, env));
  const wanted = component === undefined ? (['supervisor', ...componentNames] as const) : [component];
  const logs = new Map<LogName, string>();
  for (const each of wanted) {
    const text = await textOf(folder.log(each));
    if (text !== undefined) logs.set(each, text);
  }
  return logs;
}

/** Reads the state in a cluster's folder: `lost` when its supervisor is gone without having said so. */
export async function readState(root: string): Promise<SandboxState | undefined> {
  const state = stateIn(await readFile(join(root, 'state.json'), 'utf8').catch(() => ''));
  if (state === undefined) return undefined;
  if (state.phase === 'failed' || (await isAlive(state.supervisor))) return state;
  return { ...state, phase: 'lost', why: 'its supervisor is gone: `toryo sandbox up` starts it again' };
}

/** Writes the state for others to read. */
export async function writeState(root: string, state: SandboxState): Promise<void> {
  await writeWhole(join(root, 'state.json'), JSON.stringify(state, undefined, 2));
}

/** Reads what a cluster was asked to be. */
export async function readOrder(root: string): Promise<Order | undefined> {
  const content = parseJson((await textOf(join(root, 'spec.json'))) ?? '');
  return isOrder(content) ? content : undefined;
}

/** Writes what a cluster is to be. */
export async function writeOrder(root: string, order: Order): Promise<void> {
  await writeWhole(join(root, 'spec.json'), JSON.stringify(order));
}

/** These files are ours, in a folder that only this user may write: the shape is checked, not each field. */
function isOrder(content: unknown): content is Order {
  return isObject(content) && isObject(content['spec']) && typeof content['subnet'] === 'number';
}

function isState(content: unknown): content is SandboxState {
  if (!isObject(content)) return false;
  const supervisor = objectAt(content, 'supervisor');
  const texts = ['name', 'phase', 'since', 'applied', 'server', 'kubeconfig'];
  return (
    texts.every((field) => typeof content[field] === 'string') &&
    typeof supervisor['pid'] === 'number' &&
    typeof supervisor['start'] === 'string'
  );
}

function stateIn(text: string): SandboxState | undefined {
  const content = parseJson(text);
  return isState(content) ? content : undefined;
}
