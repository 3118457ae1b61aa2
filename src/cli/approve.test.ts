import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvalFrom, approvalNamespace, hashOf, statementText } from '../deliver/index.ts';
import { signerOf } from '../git/index.ts';
import { Bench } from '../git/testing/bench.ts';

let bench: Bench;
let file: string;
let key: string;

const change = (action: string, name: string) => ({
  action,
  fields: [],
  subject: { group: 'apps', kind: 'Deployment', namespace: 'shop-web', name },
});

const cluster = (name: string, ...changes: readonly ReturnType<typeof change>[]) => ({
  cluster: name,
  state: 'there',
  digest: 'sha256:1',
  changes,
});

function planOf(...waves: readonly { wave: string; clusters: readonly ReturnType<typeof cluster>[] }[]) {
  const head = { apiVersion: 'toryo.dev/v1alpha1', kind: 'Plan', fleet: 'acme' };
  return { ...head, hash: hashOf('acme', waves), at: '2026-11-20T12:00:00.000Z', waves };
}

const found = [change('create', 'web'), change('delete', 'old'), change('take', 'found')];
const plan = planOf(
  { wave: 'canary', clusters: [cluster('shop-staging', change('create', 'web'))] },
  {
    wave: 'rest',
    clusters: [
      Object.assign(cluster('shop-tokyo', ...found, change('configure', 'a'), change('configure', 'b')), {
        noWayBack: { 'App/shop/web': 'Secret/db is deleted' },
      }),
      cluster('shop-osaka', change('unchanged', 'web')),
    ],
  },
);

beforeEach(() => {
  bench = new Bench();
  key = bench.key('ann');
  file = path.join(bench.folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan, null, 2));
});
afterEach(() => bench.remove());

/** Runs the command line as a user does. */
function toryo(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), [...words], {
    encoding: 'utf8',
    cwd: bench.folder,
    env: { ...bench.env, NO_COLOR: '1', NODE_COMPILE_CACHE: path.join(tmpdir(), 'compiled') },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const approve = (...words: readonly string[]) => toryo('approve', 'plan.json', '--key', key, ...words);
const text = () => readFileSync(file, 'utf8');

describe('toryo approve', () => {
  it('shows what is approved, and adds a signature that verifies', async () => {
    const done = approve('--yes');
    expect(done.err).toMatch(
      /^✓ waves canary, rest approved until .* with key SHA256:.*: plan.json has 1 approval\n$/,
    );
    expect(done.code).toBe(0);
    expect(done.out).toContain(`plan ${plan.hash} of fleet acme, made 2026-11-20`);
    expect(done.out).toMatch(/wave canary\s+shop-staging\s+1 create\n/);
    expect(done.out).toMatch(/wave rest\s+shop-tokyo\s+1 create, 2 configure, 1 take, 1 delete\n/);
    expect(done.out).toMatch(/wave rest\s+shop-osaka\s+nothing\n/);
    expect(done.out).toContain('shop-tokyo - Deployment/shop-web/old\n');
    expect(done.out).toContain('shop-tokyo > Deployment/shop-web/found\n');
    expect(done.out).toContain('no way back for\n  shop-tokyo App/shop/web: Secret/db is deleted\n');
    const { approvals, ...rest } = JSON.parse(text()) as typeof plan & { approvals: unknown[] };
    expect(rest).toEqual(plan);
    const approval = approvalFrom(approvals[0])!;
    const { plan: hash, fleet, waves, expires, signedAt } = approval.statement;
    expect([hash, fleet, waves]).toEqual([plan.hash, 'acme', ['canary', 'rest']]);
    expect(Date.parse(expires) - Date.parse(signedAt)).toBe(24 * 3_600_000);
    const signed = { text: statementText(approval.statement), signature: approval.signature };
    const by = (namespace: string) =>
      signerOf({ ...signed, namespace }, [bench.publicKey(key)], bench.outside);
    expect(await by(approvalNamespace)).toMatchObject({ file: 'keys/ann.pub' });
    expect(await by('git')).toBeUndefined();
  });

  it('takes one wave, another length of time and another key, one after the other', () => {
    const first = text();
    expect(approve('--yes', '--wave', 'rest', '--expires', '7d').out).not.toContain('shop-staging');
    const bob = bench.key('bob', '-t', 'ecdsa');
    const json = toryo('approve', 'plan.json', '--key', bob, '--yes', '-o', 'json');
    expect(json.err).toContain('shop-tokyo');
    const { approvals } = JSON.parse(text()) as { approvals: { statement: { waves: string[] } }[] };
    expect(approvals).toHaveLength(2);
    expect(approvals[0]?.statement.waves).toEqual(['rest']);
    expect(JSON.parse(json.out)).toEqual(approvals[1]);
    expect(text().startsWith(first.slice(0, -2))).toBe(true);
    expect(text()).toBe(JSON.stringify({ ...plan, approvals }, null, 2));
  });

  it('writes through a link and keeps who may read the file', () => {
    const real = path.join(bench.root, 'real.json');
    execFileSync('sh', ['-c', `mv ${file} ${real}; chmod 600 ${real}`]);
    symlinkSync(real, file);
    expect(approve('--yes').code).toBe(0);
    expect(execFileSync('ls', ['-l', real], { encoding: 'utf8' })).toMatch(/^-rw------- /);
    expect(readFileSync(real, 'utf8')).toContain('approvals');
  });

  it('leaves the old file whole when the disk is full', () => {
    const before = JSON.stringify({ ...plan, padding: 'x'.repeat(9000) });
    writeFileSync(file, before);
    const program = path.resolve('bin/toryo');
    // The largest file that may be written: the signature fits, the plan does not.
    const done = spawnSync(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f 8; exec ${program} approve plan.json --yes --key ${key}`],
      {
        cwd: bench.folder,
        env: { ...bench.env, NODE_DISABLE_COMPILE_CACHE: '1' },
        encoding: 'utf8',
      },
    );
    expect(done.stderr).toContain('plan.json could not be written and is as it was (EFBIG');
    expect(done.status).toBe(3);
    expect(text()).toBe(before);
    expect(readdirSync(bench.folder).filter((name) => name.includes('plan.json'))).toEqual(['plan.json']);
  });
});

/** The plan, with who must agree in each wave: environment and the key of the only approver. */
function asking(
  approvers: Readonly<Record<string, readonly [string, string]>>,
  authors: object = { is: 'known', value: [] },
): object {
  const waves = plan.waves.map((wave) => ({
    ...wave,
    clusters: wave.clusters.map((one) => {
      const [environment, by] = approvers[wave.wave] ?? [];
      if (environment === undefined || by === undefined) return one;
      const keys = [bench.publicKey(by).text.trim()];
      return { ...one, approvers: [{ environment, keys, atLeast: 1 }], authors };
    }),
  }));
  return { ...plan, waves };
}

describe('toryo approve says before it signs', () => {
  it('that the key is no approver’s, and refuses', () => {
    const eve = bench.key('eve');
    writeFileSync(file, JSON.stringify(asking({ rest: ['production', eve] }), null, 2));
    const before = text();
    const done = approve('--yes');
    expect(done.err).toMatch(
      /key SHA256:\S+ does not count: it is not among the approvers of environment production: 1 of \S+\. Sign with/,
    );
    expect(done.code).toBe(2);
    expect(text()).toBe(before);
    expect(approve('--yes', '--wave', 'canary').code, 'nobody is asked there').toBe(0);
    expect(toryo('approve', 'plan.json', '--yes', '--key', eve).code).toBe(0);
  });

  it('that it is of an author of the change, or that nobody knows who wrote it, and refuses', () => {
    const [, , email = ''] = bench.publicKey(key).text.trim().split(' ');
    const authors = { is: 'known', value: [{ name: 'Ann', email }] };
    writeFileSync(file, JSON.stringify(asking({ rest: ['production', key] }, authors), null, 2));
    const own = approve('--yes');
    expect(own.err).toContain(
      'it is of an author of the change, who cannot approve it in environment production',
    );
    expect(own.code).toBe(2);
    const dirty = { is: 'unknown', why: 'files of the fleet differ from the commit; commit them' };
    writeFileSync(file, JSON.stringify(asking({ rest: ['production', key] }, dirty), null, 2));
    const unknown = approve('--yes');
    expect(unknown.err).toContain('no approval of plan.json can count');
    expect(unknown.err).toContain('commit them. Then plan again');
    expect(unknown.code).toBe(3);
    expect(text()).not.toContain('"approvals"');
  });

  it('where it does not count, and signs when it counts elsewhere', () => {
    const eve = bench.key('eve');
    const approvers = { canary: ['staging', key], rest: ['production', eve] } as const;
    writeFileSync(file, JSON.stringify(asking(approvers), null, 2));
    const done = approve('--yes');
    expect(done.err).toMatch(/^note key SHA256:\S+ does not count: .* of environment production/);
    expect(done.code).toBe(0);
  });

  it('that the key approves already, and refuses; another wave, and an approval that is over, are none', () => {
    writeFileSync(
      file,
      JSON.stringify(asking({ canary: ['staging', key], rest: ['production', key] }), null, 2),
    );
    const once = approve('--yes', '--wave', 'rest');
    expect(once.err).toContain(
      'plan.json has 0 of 1 that count in environment staging, 1 of 1 that count in environment production',
    );
    expect(once.code).toBe(0);
    const again = approve('--yes', '--wave', 'rest');
    expect(again.err).toContain('it approves environment production already, until 20');
    expect(again.err).toContain('Sign with the key of another approver');
    expect(again.code).toBe(2);
    const other = approve('--yes');
    expect(other.err).toMatch(/^note .* environment production already/);
    expect(other.code).toBe(0);
    expect(approve('--yes').code).toBe(2);
  });
});

describe('toryo approve refuses', () => {
  const refused = (words: readonly string[], message: string, code = 2) => {
    const before = text();
    const done = approve(...words);
    expect(done.err).toContain(message);
    expect(done.code).toBe(code);
    expect(text()).toBe(before);
  };

  it('to ask nobody, and options that mean nothing', () => {
    refused([], 'nobody is there to ask: give --yes');
    for (const length of ['8d', '0h']) refused(['--yes', '--expires', length], 'from 1m to 7d');
    refused(['--yes', '--wave', 'first'], 'plan.json has no wave first; it has canary, rest');
  });

  it('what is no plan, not there or out of time', () => {
    writeFileSync(file, '{"kind":"Deployment"}');
    refused(['--yes'], 'plan.json is no plan of Toryo: make one with');
    const none = toryo('approve', 'none.json', '--yes');
    expect(none).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.json is not there: make one with'),
    });
    expect(toryo('apply', 'none.json', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.json is not there: make one with'),
    });
    writeFileSync(file, JSON.stringify({ ...plan, expires: '2020-01-01T00:00:00Z' }));
    refused(['--yes'], 'plan.json expired at 2020-01-01T00:00:00Z: plan again', 3);
  });

  it('without a key, and without ssh-keygen', () => {
    expect(toryo('approve', 'plan.json', '--yes')).toMatchObject({
      code: 3,
      err: expect.stringContaining('give --key FILE, or set user.signingkey in git'),
    });
    expect(toryo('approve', 'plan.json', '--yes', '--key', 'none')).toMatchObject({
      code: 2,
      err: expect.stringContaining('key none cannot be read'),
    });
    const node = path.dirname(process.execPath);
    const done = spawnSync(
      path.join(node, 'node'),
      [path.resolve('src/cli/main.js'), 'approve', file, '--yes', '--key', key],
      {
        env: { HOME: bench.folder, TMPDIR: bench.folder, PATH: bench.folder },
        encoding: 'utf8',
      },
    );
    expect(done.stderr).toContain('ssh-keygen: it is not on PATH: install it');
    expect(done.status).toBe(1);
  });
});

it('names many deletions where asked to', () => {
  const many = Array.from({ length: 25 }, (_, index) => change('delete', `old-${index}`));
  writeFileSync(file, JSON.stringify(planOf({ wave: 'rest', clusters: [cluster('lab', ...many)] })));
  expect(approve('--yes').out).toContain('lab and 5 more: -o wide names them\n');
  expect(approve('--yes', '-o', 'wide').out).toContain('lab - Deployment/shop-web/old-24\n');
});

it('shows a plan that tries to hide something as what it is', () => {
  const wave = { wave: 'rest', clusters: [cluster('a\u001b[2K\u001b[1Ab', change('delete', 'x\n\u202Ey'))] };
  writeFileSync(file, JSON.stringify(planOf(wave)));
  const { out } = approve('--yes');
  expect(out).not.toMatch(/[\u001b\u202e]/);
  expect(out).toContain('ab - Deployment/shop-web/x??y\n');
});
