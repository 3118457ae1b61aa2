import { spawnSync } from 'node:child_process';
import path from 'node:path';

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `toryo guard check` with a text on stdin. */
export function check(input: string, ...words: readonly string[]): Answer {
  const done = spawnSync(path.resolve('bin/toryo'), ['guard', 'check', ...words], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** A pod that the fleet of the tests lets in. */
export const good =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: a, image: a, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] }\n';
