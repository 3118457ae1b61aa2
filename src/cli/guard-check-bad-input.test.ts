import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets } from '../spec/testing/fleet.ts';

afterAll(removeFleets);

function check(
  input: string,
  ...words: readonly string[]
): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), ['guard', 'check', ...words], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const good =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: a, image: a, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] }\n';
const bad = good.replace('name: p }', 'name: bad }').replace('allowPrivilegeEscalation: false, ', '');

describe('toryo guard check of what is partly bad', () => {
  it('judges the others of a stream in which one is bad, and tells that one', () => {
    const answer = check(
      `${good}---\nkind: Pod\n---\n${bad}`,
      '--fleet',
      aFleet().write(),
      '-n',
      'shop-web',
      '-',
    );
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('error TRY-OBJ-001');
    expect(answer.out).toContain('✓ Pod/shop-web/p');
    expect(answer.out).toContain('✗ Pod/shop-web/bad');
  });

  it('says of a name that is read as no text how it is written', () => {
    const answer = check(good.replace('name: p', 'name: y'), '--fleet', aFleet().write(), '-');
    expect(answer.err).toContain(
      'stdin:3:19 error TRY-SPEC-003 y is read as the boolean true, not as text; quote it: "y"',
    );
  });
});
