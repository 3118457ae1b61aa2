import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureAsset, isAlive, lifeOf, withLock, type Environment, type Life } from '../assets/index.ts';
import { digestOf, failure, tell, type Run } from '../lib/index.ts';
import { componentsOf } from './component.ts';
import { folderAt, makeFolder, writeWhole } from './folder.ts';
import { endLives, folderMark, lastWords, markedLives, recordedLives, signal } from './program.ts';
import {
  namesIn,
  readOrder,
  readState,
  rootOf,
  sandboxRoot,
  writeOrder,
  type Order,
  type SandboxPhase,
  type SandboxState,
} from './registry.ts';
import type { SandboxSpec } from './shape.ts';

const isSource = import.meta.url.endsWith('.ts');
const program = fileURLToPath(new URL(`./supervisor.${isSource ? 'ts' : 'js'}`, import.meta.url));

/**
 * Makes the cluster what the spec says and waits until it is ready: starts it with a supervisor that outlives this
 * program, changes a running one, or finds that nothing is to be done. Two calls for one name follow each other.
 */
export async function up(spec: SandboxSpec, run: Run, env: Environment): Promise<SandboxState> {
  const root = rootOf(spec.name, env);
  // A folder that cannot be written is told before programs are fetched or built for minutes.
  await mkdir(sandboxRoot(env), { recursive: true, mode: 0o700 });
  for (const { program: name } of componentsOf(spec, folderAt(root), 0)) await ensureAsset(name, run, env);
  return alone(spec.name, run, env, () => settle(spec, run, env));
}

async function settle(spec: SandboxSpec, run: Run, env: Environment): Promise<SandboxState> {
  const root = rootOf(spec.name, env);
  const found = await readState(root);
  if (found?.phase === 'ready' && found.applied === digestOf(spec)) return found;
  const steady = found !== undefined && isSteady(found.phase) ? found.supervisor : undefined;
  const verb = steady === undefined ? 'start' : 'change';
  const about = { cluster: spec.name, subject: `sandbox/${spec.name}`, verb };
  tell(run, { ...about, state: 'started' });
  if (steady === undefined) await endAll(root);
  await makeFolder(folderAt(root));
  await order(spec, run, env);
  if (steady !== undefined) await signal(steady, 'SIGHUP');
  const state = await untilReady(spec, root, steady ?? (await launch(root, env)), run);
  tell(run, { ...about, state: 'done' });
  return state;
}

/** A cluster in that phase can be changed as it is. */
function isSteady(phase: SandboxPhase): boolean {
  return phase === 'starting' || phase === 'ready' || phase === 'changing';
}

/** Ends every program of the cluster and removes its folder; throws TORYO_SANDBOX_UNKNOWN when there is none. */
export async function down(name: string, run: Run, env: Environment): Promise<void> {
  const root = rootOf(name, env);
  await alone(name, run, env, async () => {
    if (!(await namesIn(env)).includes(name)) throw failure('TORYO_SANDBOX_UNKNOWN', { name });
    const about = { cluster: name, subject: `sandbox/${name}`, verb: 'stop' };
    tell(run, { ...about, state: 'started' });
    await endAll(root);
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
    tell(run, { ...about, state: 'done' });
  });
}

/** Removes every cluster of this machine and user; gives their names. */
export async function downAll(run: Run, env: Environment): Promise<readonly string[]> {
  const names = await namesIn(env);
  await Promise.all(names.map((name) => down(name, run, env)));
  return names;
}

function alone<T>(name: string, run: Run, env: Environment, work: () => Promise<T>): Promise<T> {
  const why = (pid: number): string => `pid ${pid} is starting or stopping it`;
  const onWait = (pid: number): void =>
    tell(run, { cluster: name, subject: `sandbox/${name}`, verb: 'wait', state: 'waiting', why: why(pid) });
  return withLock(join(sandboxRoot(env), `.${name}.lock`), { signal: run.signal, onWait }, work);
}

/** Writes the order, with a subnet that no other cluster has. */
async function order(spec: SandboxSpec, run: Run, env: Environment): Promise<void> {
  const root = rootOf(spec.name, env);
  const waiting = { signal: run.signal, onWait: () => undefined };
  await withLock(join(sandboxRoot(env), '.subnets.lock'), waiting, async () => {
    const orders = new Map<string, Order>();
    for (const name of await namesIn(env)) {
      const found = await readOrder(rootOf(name, env));
      if (found !== undefined) orders.set(name, found);
    }
    const taken = new Set([...orders].filter(([name]) => name !== spec.name).map(([, { subnet }]) => subnet));
    let subnet = orders.get(spec.name)?.subnet ?? 1;
    while (taken.has(subnet)) subnet += 1;
    if (subnet > 254)
      throw failure('TORYO_SANDBOX', { name: spec.name, why: 'there are 254 clusters already' });
    await writeOrder(root, { spec, subnet });
  });
}

/** Starts a supervisor that goes on when this program ends. */
async function launch(root: string, env: Environment): Promise<Life> {
  await rm(join(root, 'state.json'), { force: true });
  const child = spawn(process.execPath, [program, root], {
    cwd: root,
    env: { ...env, [folderMark]: root },
    stdio: 'ignore',
    detached: true,
  });
  child.on('error', () => undefined);
  const life = child.pid === undefined ? undefined : await lifeOf(child.pid);
  child.unref();
  if (life !== undefined) await writeWhole(join(root, 'supervisor.json'), JSON.stringify([life]));
  return life ?? { pid: 0, start: 'never' };
}

async function untilReady(
  spec: SandboxSpec,
  root: string,
  supervisor: Life,
  run: Run,
): Promise<SandboxState> {
  const { name } = spec;
  const wanted = digestOf(spec);
  for (;;) {
    if (run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what: `starting sandbox cluster ${name}` });
    const state = await readState(root);
    const why = whyFailed(state, wanted);
    if (why?.includes('no space left on device') === true) throw failure('TORYO_DISK', { why });
    if (why !== undefined) throw failure('TORYO_SANDBOX', { name, why });
    if (state?.applied === wanted && state.phase === 'ready') return state;
    if (!(await isAlive(supervisor))) throw failure('TORYO_SANDBOX', { name, why: await epitaph(root) });
    await sleep(50);
  }
}

function whyFailed(state: SandboxState | undefined, wanted: string): string | undefined {
  return state?.applied === wanted && state.phase === 'failed' ? (state.why ?? 'failed') : undefined;
}

async function epitaph(root: string): Promise<string> {
  const words = await lastWords(folderAt(root).log('supervisor'), 5);
  return `its supervisor ended; the last words of its log:\n${words.join('\n')}`;
}

/** Ends the supervisor first (it ends the rest), then whatever an earlier one left. */
async function endAll(root: string): Promise<void> {
  await endLives(await recordedLives(root, 'supervisor.json'), 15_000);
  await endLives([...(await recordedLives(root, 'lives.json')), ...(await markedLives(root))]);
}
