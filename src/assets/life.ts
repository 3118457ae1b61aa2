import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One life of a pid: pids are used again, a pid together with its start is not. */
export interface Life {
  readonly pid: number;
  /** When that pid began, in the system's own words; only compared. */
  readonly start: string;
}

const boot = ((): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '';
  }
})();

/** The life that has this pid now; undefined when nothing (or only what waits to be reaped) has it. */
export async function lifeOf(pid: number): Promise<Life | undefined> {
  const start = boot === '' ? await startByPs(pid) : await startByProc(pid);
  return start === undefined ? undefined : { pid, start };
}

/** The life of the running program itself. */
export async function ownLife(): Promise<Life> {
  return (await lifeOf(process.pid)) ?? { pid: process.pid, start: '' };
}

/** True when that very life goes on; false when its pid is free or somebody else's. */
export async function isAlive(life: Life): Promise<boolean> {
  const now = await lifeOf(life.pid);
  return now !== undefined && now.start === life.start;
}

async function startByProc(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const isGone = fields[0] === 'Z' || fields[0] === 'X';
    return isGone || fields[19] === undefined ? undefined : `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

async function startByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state = '', ...start] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
