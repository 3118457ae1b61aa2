import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets } from '../spec/testing/fleet.ts';
import { pageHtml, pageMarkdown } from './access-page.ts';

afterAll(removeFleets);

function toryo(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), [...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function git(root: string, ...words: readonly string[]): void {
  const person = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgSign=false'];
  execFileSync('git', ['-C', root, ...person, ...words], { stdio: 'ignore' });
}

const tenant = (can: string): string => `apiVersion: toryo.dev/v1alpha1
kind: Tenant
metadata: { name: shop }
spec:
  clusters: all
  paths: [apps/shop/**]
  teams: [{ name: shop-dev, group: "shop:dev", can: ${can} }]
  namespaces: [{ name: shop-web, profile: restricted }]
`;

/** A fleet in Git whose team may look; the files as they are let it into pods. */
function changedFleet(): string {
  const root = aFleet().with('tenants/shop.yaml', tenant('[view]')).write();
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'one');
  writeFileSync(path.join(root, 'tenants/shop.yaml'), tenant('[view, exec]'));
  return root;
}

const root = changedFleet();

describe('toryo access who-can', () => {
  it('says who, where and by what; once for clusters with the same answer', () => {
    const answer = toryo('access', 'who-can', 'create', 'pods/exec', root, '-o', 'json');
    expect(answer.code, answer.err).toBe(0);
    const [first, ...more] = JSON.parse(answer.out) as { clusters: string[]; subjects: object[] }[];
    expect(more).toEqual([]);
    expect(first?.clusters).toContain('lab');
    expect(first?.subjects[0]).toEqual({
      subject: 'group shop:dev',
      namespaces: ['shop-web'],
      names: [],
      via: ['RoleBinding/shop-web/toryo:team:shop-dev:exec -> ClusterRole/toryo:exec'],
      isBuiltIn: false,
    });
    const text = toryo('access', 'who-can', 'create', 'pods/exec', root, '-n', 'shop-web');
    expect(text.out).toMatch(/group shop:dev\s+in shop-web\s+RoleBinding/);
    expect(text.out).not.toContain('system:masters');
    expect(text.err).toContain('-o wide shows them');
    expect(toryo('access', 'who-can', 'create', 'pods/exec', root, '-o', 'wide').out).toContain(
      'group system:masters',
    );
    expect(toryo('access', 'who-can', 'create', 'pods/exec', root, '-n', 'other').out).toContain(
      'nobody of this',
    );
  });

  it('says who reads Secrets through pods', () => {
    const ask = (...words: readonly string[]) => toryo('access', 'who-can', 'get', 'secrets', root, ...words);
    expect(ask().out).toContain('\n  and through pods: group shop:dev in shop-web\n');
    expect(JSON.parse(ask('-o', 'json').out)).toMatchObject([
      { throughPods: expect.arrayContaining([expect.objectContaining({ subject: 'group shop:dev' })]) },
    ]);
    expect(ask('-n', 'other').out).not.toContain('group shop:dev');
    expect(toryo('access', 'who-can', 'delete', 'secrets', root).out).not.toContain('through pods');
  });

  it('refuses what is no resource or no cluster', () => {
    const typo = toryo('access', 'who-can', 'get', 'sercets', root);
    expect(typo).toMatchObject({ code: 2, err: expect.stringContaining('did you mean secrets?') });
    const where = toryo('access', 'who-can', 'get', 'secrets', root, '-c', 'moon');
    expect(where).toMatchObject({ code: 2, err: expect.stringContaining('there is no cluster moon') });
  });
});

describe('toryo access can-i', () => {
  it('says that it answers nothing of a fleet with mistakes', () => {
    const wrong = aFleet().with('tenants/shop.yaml', tenant('[veiw]')).write();
    const answer = toryo('access', 'can-i', 'group:shop:dev', 'get', 'pods', wrong);
    expect(answer).toMatchObject({ code: 2, out: '' });
    expect(answer.err).toMatch(/did you mean "view"[\s\S]*nothing was answered, for the mistakes above/);
  });

  it('says of a resource with a group that nobody knows that it is unknown', () => {
    const root = changedFleet();
    const ask = (what: string) => toryo('access', 'can-i', 'group:shop:dev', 'get', what, root).err;
    expect(ask('deployments.foo')).toContain(
      'nobody here knows deployments.foo, did you mean deployments.apps?',
    );
    expect(ask('deployments.apps')).not.toContain('nobody here knows');
  });

  it('says yes, no, and where else', () => {
    const ask = (...words: readonly string[]) => toryo('access', 'can-i', ...words, root);
    expect(ask('group:shop:dev', 'get', 'pods', '-n', 'shop-web').out).toMatch(/: yes \(RoleBinding/);
    expect(ask('user:ann', 'get', 'pods', '-n', 'shop-web', '--group', 'shop:dev').out).toContain(': yes');
    expect(ask('group:shop:dev', 'get', 'pods').out).toMatch(/: no, only in shop-web \(/);
    expect(ask('sa:shop-web/web', 'get', '/version').out).toContain(
      'ClusterRoleBinding/system:public-info-viewer -> ',
    );
    const no = ask('user:ann', 'get', 'secrets', '--exit-code');
    expect(no).toMatchObject({ code: 3, out: expect.stringMatching(/: no\n$/) });
    expect(ask('ann', 'get', 'pods')).toMatchObject({ code: 2, err: expect.stringContaining('user:NAME') });
  });
});

describe('toryo access diff', () => {
  it('compares a revision with the files as they are', () => {
    const answer = toryo('access', 'diff', 'main', '.', root, '--exit-code');
    expect(answer.code, answer.err).toBe(5);
    expect(answer.out).toMatch(/^lab.*\n {2}! group shop:dev can run commands in pods, .* in shop-web/);
    expect(answer.out).toContain('  + group shop:dev gains create, get, patch, update on pods/attach');
    const back = toryo('access', 'diff', '.', 'HEAD', root, '-o', 'json');
    expect(back.code).toBe(0);
    expect(JSON.parse(back.out)).toMatchObject([{ gained: [], lost: [{ subject: 'group shop:dev' }] }]);
    expect(toryo('access', 'diff', 'main', '.', root, '-o', 'markdown').out).toMatch(
      /^\*\*lab.*\n```diff\n! group/,
    );
    const same = toryo('access', 'diff', 'main', 'HEAD', root, '--exit-code');
    expect(same).toMatchObject({ code: 0, out: '', err: expect.stringContaining('nobody gains or loses') });
  });

  it('says which side its warnings are of', () => {
    const { err } = toryo('access', 'diff', 'main', '.', root);
    expect(err).toMatch(/^before \(main\): \d+ warnings?.*\nafter \(\.\): \d+ warnings?/);
  });

  it('takes folders, and refuses what is neither', () => {
    const other = aFleet().with('tenants/shop.yaml', tenant('[edit]')).write();
    expect(toryo('access', 'diff', 'main', other, root).out).toContain('! group shop:dev can start pods');
    const gone = toryo('access', 'diff', 'v9', '.', root);
    expect(gone).toMatchObject({ code: 2, err: expect.stringContaining('v9 is neither a commit') });
  });

  it('says which side has the mistake', () => {
    const bad = aFleet().with('tenants/shop.yaml', tenant('[look]')).write();
    const answer = toryo('access', 'diff', 'main', bad, root);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('"look" is not one of');
    expect(answer.err).toContain(`that is ${bad}`);
  });
});

describe('toryo access page', () => {
  it('is Markdown, or HTML that loads nothing', () => {
    const answer = toryo('access', 'page', root);
    expect(answer.code, answer.err).toBe(0);
    expect(answer.out).toContain('# Access in acme');
    expect(answer.out).toMatch(
      /### Who can run commands in pods\n.*\n\n\| who .*\n.*\n\| group shop:dev \| in shop-web \| exec, attach, debug \|/,
    );
    const file = path.join(root, 'access.html');
    expect(toryo('access', 'page', root, '--out', file).code).toBe(0);
    const html = readFileSync(file, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('<td>group shop:dev</td><td>in shop-web</td>');
    expect(html).not.toMatch(/src=|href="(?!#)|url\(|@import|<script/);
    expect(readdirSync(root).filter((name) => name.startsWith('.access'))).toEqual([]);
  });

  it('lets no name out of its cell', () => {
    const row = { subject: { kind: 'User' as const, name: '<b>|`a`' }, namespaces: [], what: ['x'], via: [] };
    const answer = { duties: [{ title: 'Who', about: 'may', rows: [row] }], escalations: [] };
    const page = { fleet: 'acme', groups: [{ clusters: ['lab'], answer }] };
    expect(pageHtml(page)).toContain('<td>user &#60;b&#62;|`a`</td>');
    expect(pageMarkdown(page)).toContain('| user &#60;b&#62;&#124;&#96;a&#96; |');
  });
});
