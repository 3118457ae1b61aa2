import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets } from '../spec/testing/fleet.ts';

afterAll(removeFleets);

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function check(input: string, ...words: readonly string[]): Answer {
  const done = spawnSync(path.resolve('bin/toryo'), ['guard', 'check', ...words], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const bad = `apiVersion: apps/v1
kind: Deployment
metadata: { name: bad }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: web
          image: web
          securityContext: { capabilities: { drop: [ALL] } }
`;

describe('toryo guard check', () => {
  it('says what is refused, where, why, and the smallest change', () => {
    const answer = check(bad, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('✗ Deployment/shop-web/bad  on lab, tokyo');
    expect(answer.out).toContain(
      'TRY-SEC-011 must set allowPrivilegeEscalation: false: container web (profile restricted)',
    );
    expect(answer.out).toContain(
      'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation is not set, wanted: false',
    );
    expect(answer.out).toContain(
      'why: allowPrivilegeEscalation of profile restricted (profiles/restricted.yaml:2)',
    );
    expect(answer.out).toContain(
      '{"op":"add","path":"/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation","value":false}',
    );
    expect(answer.err).toBe('✗ 0 allowed, 1 refused, 0 unknown\n');
  });

  it('gives the same as data', () => {
    const answer = check(bad, '--fleet', aFleet().write(), '-n', 'shop-web', '-', '-o', 'json');
    const [first] = JSON.parse(answer.out);
    expect(first).toMatchObject({
      object: 'Deployment/shop-web/bad',
      outcome: 'refused',
      clusters: ['lab', 'tokyo'],
    });
    expect(first.violations.map((one: { rule: string }) => one.rule)).toEqual(['TRY-SEC-001', 'TRY-SEC-011']);
  });

  it('never passes what it cannot judge', () => {
    const answer = check(bad, '--fleet', aFleet().write(), '-n', 'elsewhere', '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('unknown no cluster of the fleet has namespace elsewhere');
  });

  it('tells mistakes of files with their places', () => {
    const answer = check('kind: Pod\n', '--fleet', aFleet().write(), '-');
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('-:1:1 error TRY-OBJ-001');
    expect(check('', '--fleet', aFleet().write(), 'nowhere.yaml').err).toContain(
      'there is no file nowhere.yaml',
    );
  });

  it('says of a fleet how many it let in', () => {
    const answer = check('', 'examples/acme');
    expect(answer).toMatchObject({ code: 0, out: '' });
    expect(answer.err).toMatch(/^✓ \d+ allowed, 0 refused, 0 unknown\n$/);
  });
});
