import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets } from '../spec/testing/fleet.ts';
import { check, good } from './testing/guard-check.ts';

afterAll(removeFleets);

const bad = good.replace('name: p }', 'name: bad }').replace('allowPrivilegeEscalation: false, ', '');

describe('what toryo guard check is given', () => {
  it('looks at each object of a List, whatever the others are', () => {
    const pod = (name: string, namespace: string) => ({
      metadata: { name, namespace },
      spec: { hostPID: true, containers: [{ name: 'web', image: 'web' }] },
    });
    const items = [pod('a', 'shop-web'), pod('b', 'elsewhere'), pod('b', 'elsewhere')];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items });
    const answer = check(list, '--fleet', aFleet().write(), '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('✗ Pod/shop-web/a  on lab, tokyo');
    expect(answer.out).toContain('unknown no cluster of the fleet has namespace elsewhere');
    expect(answer.err).toBe('✗ 0 allowed, 1 refused, 2 unknown\n');
  });

  it('says how much it passed over', () => {
    const rollout = 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: a }\n';
    const service = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: a }\n';
    const fleet = aFleet().write();
    expect(check(rollout, '--fleet', fleet, '-n', 'shop-web', '-').err).toBe(
      '✓ 0 allowed, 0 refused, 0 unknown; 1 object makes no pods that Toryo knows of\n',
    );
    expect(check(`${rollout}---\n${service}`, '--fleet', fleet, '-n', 'shop-web', '-').err).toBe(
      '✓ 0 allowed, 0 refused, 0 unknown; 2 objects make no pods that Toryo knows of\n',
    );
  });

  it('gives each item of a List its own line', () => {
    const item = (name: string) =>
      `  - apiVersion: v1\n    kind: Pod\n    metadata: { name: ${name} }\n    spec: { containers: [{ name: a, image: a }] }\n`;
    const list = `apiVersion: v1\nkind: List\nitems:\n${item('one')}${item('two')}`;
    const answer = check(list, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.out).toContain('Pod/shop-web/one  on lab, tokyo\n  stdin:4\n');
    expect(answer.out).toContain('Pod/shop-web/two  on lab, tokyo\n  stdin:8\n');
    const wrong = check(`${list}  - kind: Pod\n`, '--fleet', aFleet().write(), '-');
    expect(wrong.err).toContain('stdin:12:1 error TRY-OBJ-001');
  });

  it('takes pods that the API server is to name', () => {
    const generated = good.replace('name: p', 'generateName: p-');
    const answer = check(generated, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer).toMatchObject({
      code: 0,
      out: expect.stringContaining('✓ Pod/shop-web/p-*  on lab, tokyo\n  stdin:1\n'),
    });
    const nameless = check(good.replace('name: p', 'labels: {}'), '--fleet', aFleet().write(), '-');
    expect(nameless.err).toContain('stdin:1:1 error TRY-OBJ-001');
  });

  it('tells mistakes of files with their places', () => {
    const answer = check('kind: Pod\n', '--fleet', aFleet().write(), '-');
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('stdin:1:1 error TRY-OBJ-001');
    expect(check('', '--fleet', aFleet().write(), 'nowhere.yaml').err).toContain(
      'there is no file nowhere.yaml',
    );
  });

  it('names the file that is not YAML, and judges the others', () => {
    const fleet = aFleet().write();
    const file = path.join(fleet, '.bad.yaml');
    writeFileSync(file, 'kind: Pod\nspec: [a: b\n');
    const answer = check(good, '--fleet', fleet, '-n', 'shop-web', file, '-');
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(`${file}:3:1 error TRY-YAML-001 not YAML`);
    expect(answer.out).toContain('✓ Pod/shop-web/p');
    expect(answer.err).toMatch(/✗ 1 allowed, 0 refused, 0 unknown, 1 file not read\n$/);
  });

  it('passes over documents of Toryo in a folder, and tells one that is named, judging the others', () => {
    const fleet = aFleet().write();
    const folder = path.join(fleet, 'apps/shop/web');
    const manifest = path.join(folder, 'pod.yaml');
    writeFileSync(manifest, good);
    const whole = check('', '--fleet', fleet, '-n', 'shop-web', folder);
    expect(whole).toMatchObject({ code: 0, err: '✓ 1 allowed, 0 refused, 0 unknown\n' });
    const app = path.join(folder, 'app.yaml');
    const named = check('', '--fleet', fleet, '-n', 'shop-web', app, manifest);
    expect(named).toMatchObject({ code: 2, out: expect.stringContaining('✓ Pod/shop-web/p') });
    expect(named.err).toContain(`${app}:1:1 error TRY-OBJ-015 ${app} holds no manifest`);
    expect(named.err).toMatch(/✗ 1 allowed, 0 refused, 0 unknown, 1 file not read\n$/);
    expect(check('', '--fleet', fleet, app).err).toMatch(/✗ nothing was judged.*, 1 file not read\n$/);
  });

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
