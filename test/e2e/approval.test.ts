import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalNamespace, statementText } from '../../src/deliver/index.ts';
import { signText } from '../../src/git/index.ts';
import { Bench, core, testRun, type Answer } from './bench.ts';
import { appYaml, configMapYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;
const web = 'apps/shop/web/manifests/web.yaml';
const key = (name: string): string => join(bench.folder, 'keys', name);
const file = (name: string): string => join(bench.folder, name);

function makeKey(name: string): string {
  mkdirSync(join(bench.folder, 'keys'), { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@example.com`, '-f', key(name)]);
  return readFileSync(`${key(name)}.pub`, 'utf8');
}

function git(...words: readonly string[]): string {
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', bench.root, ...who, ...words], { encoding: 'utf8' });
}

async function commit(
  files: Readonly<Record<string, string | undefined>>,
  author = 'Ann <ann@example.com>',
): Promise<void> {
  await bench.write(files);
  git('add', '-A');
  git('commit', '-q', '-m', 'change', '--author', author, '--allow-empty');
}

function fleet(environments: string): string {
  const clusters = [
    ['lab', 'canary'],
    ['prod', 'prod'],
  ].map(
    ([name, wave]) =>
      `apiVersion: toryo.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { wave: ${wave} } }\nspec:\n  environment: ${name}\n  provider: kubeconfig\n  kubeconfig: { context: ${name} }\n`,
  );
  return [
    `apiVersion: toryo.dev/v1alpha1\nkind: Fleet\nmetadata: { name: acme }\nspec:\n  environments: [{ name: lab }, ${environments}]\n  waves: [{ name: canary, select: { wave: canary } }, { name: prod, select: { wave: prod } }]\n`,
    ...clusters,
    'apiVersion: toryo.dev/v1alpha1\nkind: SecurityProfile\nmetadata: { name: restricted }\nspec: { readOnlyRootFilesystem: false }\n',
  ].join('---\n');
}
const guarded = '{ name: prod, protected: true, approvers: { keys: [keys/eve.pub] } }';

const shown = async (cluster: string): Promise<unknown> => {
  const found = await bench.client(cluster).get(core('ConfigMap', 'web', 'shop-web'));
  return found?.['data'];
};

/** Plans into a file. */
async function planned(name: string): Promise<string> {
  const plan = await bench.toryo('plan', '--out', file(name));
  expect(plan.code, plan.all).toBe(0);
  return file(name);
}

/** Signs a plan as somebody who has not asked Toryo what that is worth. */
async function forge(name: string, who: string, hours: number): Promise<void> {
  const document = JSON.parse(readFileSync(file(name), 'utf8'));
  const at = (from: number): string => new Date(Date.now() + from * 3_600_000).toISOString();
  const statement = {
    plan: document.hash,
    fleet: 'acme',
    waves: ['canary', 'prod'],
    signedAt: at(hours - 1),
    expires: at(hours),
    nonce: 'a'.repeat(22),
  };
  const signing = { namespace: approvalNamespace, key: key(who) };
  const signature = await signText(statementText(statement), signing, { run: testRun(), env: process.env });
  writeFileSync(file(name), JSON.stringify({ ...document, approvals: [{ statement, signature }] }));
}

/** Plans into a file and signs it. */
async function approved(name: string, who: string, ...words: readonly string[]): Promise<string> {
  await planned(name);
  const answer = await bench.run('approve', file(name), '--key', key(who), '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return file(name);
}

const refused = (answer: Answer, why: RegExp): void => {
  expect(answer.code, answer.all).toBe(3);
  expect(answer.all).toMatch(why);
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab' }, { name: 'prod' });
  const eve = makeKey('eve');
  makeKey('mallory');
  await bench.write({
    'fleet.yaml': fleet(guarded),
    'keys/eve.pub': eve,
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [web]: configMapYaml('web', { is: 'A' }),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  git('init', '-q', '-b', 'main');
  await commit({});
  const plan = await bench.toryo('plan');
  expect(plan.out).toContain('this apply sets the first approvers of environment prod');
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(0);
});
afterAll(() => bench.stop());

describe('a cluster whose approvers were applied', () => {
  it('is not changed without an approval; others go on', async () => {
    await commit({ [web]: configMapYaml('web', { is: 'B' }) });
    const plan = await planned('nobody.json');
    refused(await bench.run('apply', plan), /cluster prod: .*1 more approval, of eve@.* Nothing was written/);
    expect([await shown('lab'), await shown('prod')]).toEqual([{ is: 'A' }, { is: 'A' }]);
    const answer = await bench.toryo('apply', '--yes');
    refused(
      answer,
      /environment prod need an approval: .*1 more approval, of eve@example\.com: `toryo plan --out/,
    );
    expect([await shown('lab'), await shown('prod')]).toEqual([{ is: 'B' }, { is: 'A' }]);
  });

  it('is not changed with the approval of a key that the same change brings', async () => {
    const environment = guarded.replace('eve.pub', 'mallory.pub');
    const files = {
      'fleet.yaml': fleet(environment),
      'keys/mallory.pub': readFileSync(`${key('mallory')}.pub`, 'utf8'),
    };
    await commit(files);
    const plan = await planned('mallory.json');
    const early = await bench.run('approve', plan, '--key', key('mallory'), '--yes');
    expect(early.code, early.all).toBe(2);
    expect(early.err).toMatch(/it is not among the approvers of environment prod: 1 of eve@example\.com/);
    await forge('mallory.json', 'mallory', 1);
    refused(await bench.run('apply', plan), /no key of the approvers made its signature/);
    expect(await shown('prod')).toEqual({ is: 'A' });
  });

  it('is not changed because the change takes the protection away, or moves it to another environment', async () => {
    await commit({ 'fleet.yaml': fleet('{ name: prod }'), 'keys/mallory.pub': undefined });
    refused(await bench.toryo('apply', '--yes'), /environment prod need an approval/);
    await commit({ 'fleet.yaml': fleet(guarded).replace('environment: prod', 'environment: lab') });
    refused(await bench.toryo('apply', '--yes'), /environment prod need an approval/);
    await commit({ 'fleet.yaml': fleet(guarded) });
  });

  it('is not changed from files that are in no commit', async () => {
    const plan = await approved('dirty.json', 'eve');
    await bench.write({ 'keys/note.txt': 'x' });
    refused(await bench.run('apply', plan), /files of the fleet differ from the commit/);
    await bench.write({ 'keys/note.txt': undefined });
  });

  it('is not changed by an approval that expired', async () => {
    await planned('old.json');
    await forge('old.json', 'eve', -1);
    refused(await bench.run('apply', file('old.json')), /it expired at/);
  });

  it('is not changed by its author, nor by the approval of another plan or wave', async () => {
    const narrow = await bench.toryo('plan', '-c', 'prod', '--out', file('narrow.json'));
    expect(narrow.code, narrow.all).toBe(0);
    expect((await bench.run('approve', file('narrow.json'), '--key', key('eve'), '--yes')).code).toBe(0);
    await commit({ [web]: configMapYaml('web', { is: 'E' }) }, 'Eve <eve@example.com>');
    const own = await planned('own.json');
    const early = await bench.run('approve', own, '--key', key('eve'), '--yes');
    expect(early.code, early.all).toBe(2);
    expect(early.err).toContain('it is of an author of the change');
    await forge('own.json', 'eve', 1);
    refused(await bench.run('apply', own), /eve@example\.com is an author of the change/);
    git('reset', '-q', '--hard', 'HEAD~1');
    const wave = await approved('wave.json', 'eve', '--wave', 'canary');
    refused(await bench.run('apply', wave), /it is for wave canary, not prod/);
    const [other, whole] = [file('narrow.json'), wave].map((name) => JSON.parse(readFileSync(name, 'utf8')));
    writeFileSync(wave, JSON.stringify({ ...whole, approvals: other.approvals }));
    refused(await bench.run('apply', wave), /it is for another plan/);
    expect(await shown('prod')).toEqual({ is: 'A' });
  });

  it('is changed with an approval, once', async () => {
    const there = await approved('there.json', 'eve');
    const answer = await bench.run('apply', there);
    expect(answer.code, answer.all).toBe(0);
    expect(await shown('prod')).toEqual({ is: 'B' });
    expect((await bench.run('apply', there)).code).toBe(0);
    await commit({ [web]: configMapYaml('web', { is: 'A' }) });
    const back = await approved('back.json', 'eve');
    expect((await bench.run('apply', back)).code).toBe(0);
    expect(await shown('prod')).toEqual({ is: 'A' });
    await commit({ [web]: configMapYaml('web', { is: 'B' }) });
    expect((await bench.toryo('apply', '-c', 'lab', '--yes')).code).toBe(0);
    refused(await bench.run('apply', there), /it was used up by an earlier delivery/);
    expect(await shown('prod')).toEqual({ is: 'A' });
  });

  it('has its drift mended without anybody', async () => {
    await commit({ [web]: configMapYaml('web', { is: 'A' }) });
    await bench.kubectl('prod', ['delete', 'configmap', 'web', '-n', 'shop-web']);
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(await shown('prod')).toEqual({ is: 'A' });
  });

  it('is changed with a signed commit on top', async () => {
    await commit({ [web]: configMapYaml('web', { is: 'T' }) });
    const plan = JSON.parse((await bench.toryo('plan', '-o', 'json')).out);
    const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key('eve')}`];
    const trailer = ['--trailer', `Toryo-Approve: ${plan.hash}`];
    git(...signing, 'commit', '-q', '--allow-empty', '-S', '-m', 'approve', ...trailer);
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(await shown('prod')).toEqual({ is: 'T' });
  });
});
