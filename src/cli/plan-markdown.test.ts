import { describe, expect, it } from 'vitest';
import type { Change, Plan, PlannedCluster } from '../deliver/index.ts';
import { planMarkdown } from './plan-markdown.ts';

const change = (action: Change['action'], name: string, more: Partial<Change> = {}): Change => ({
  subject: { group: '', kind: 'ConfigMap', namespace: 'shop-web', name },
  owner: { tenant: 'shop', app: 'web' },
  action,
  fields: [],
  checkedBy: 'dry-run',
  hasRights: true,
  ...more,
});
const cluster = (name: string, changes: readonly Change[]): PlannedCluster => ({
  cluster: name,
  digest: 'd',
  state: 'there',
  changes,
  blockers: [],
});
const plan = (...clusters: readonly PlannedCluster[]): Plan => ({
  hash: 'sha256:abc',
  at: '',
  waves: [{ wave: 'all', clusters }],
});

describe('a plan as a comment', () => {
  it('tells the same change once, the gravest first, and what comes next', () => {
    const configure = change('configure', 'b', { fields: [{ path: 'data.a', before: '1', after: '2' }] });
    const changes = [change('create', 'a'), configure, change('delete', 'c')];
    const text = planMarkdown(plan(cluster('one', changes), cluster('two', changes)));
    expect(text).toContain('| one | all | 1 create, 1 configure, 1 delete |');
    const verbs = [...text.matchAll(/<b>(\w+)<\/b> \S+ of \S+ on 2 clusters/g)].map(([, verb]) => verb);
    expect(verbs).toEqual(['delete', 'configure', 'create']);
    expect(text).toContain('-   data.a: 1\n+   data.a: 2\n');
    expect(text).toMatch(/Plan `sha256:abc`\n\nNext: `toryo plan --out plan\.json`.*\n$/);
  });

  it('is never longer than a comment may be, and says what is missing', () => {
    const long = Array.from({ length: 400 }, (_one, index) =>
      change('configure', `a${index}`, {
        owner: { tenant: 't', app: `a${index}` },
        fields: [{ path: 'data.a', before: undefined, after: 'ü'.repeat(400) }],
      }),
    );
    const text = planMarkdown(plan(cluster('one', [...long, change('delete', 'gone')])));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    expect(text).toContain('ConfigMap/shop-web/gone');
    expect(text).toMatch(/\*\*Cut here\*\*: \d+ of 401 groups of changes are not shown\./);
    expect(text).toContain('`sha256:abc`');
  });

  it('tells what changes of rights before other changes, ways to become more among the grave', () => {
    const access = [{ what: 'escalation' as const, text: 'group dev can read secrets in shop-web' }];
    const text = planMarkdown(plan({ ...cluster('one', [change('create', 'a')]), access }));
    expect(text).toContain('access ! group dev can read secrets in shop-web\n');
    expect(text.indexOf('access !')).toBeLessThan(text.indexOf('<b>create</b>'));
  });

  it('lets no value out of its block', () => {
    const nasty = change('configure', 'a', {
      fields: [{ path: 'data.a', before: undefined, after: '```\n</details>\n@everybody' }],
    });
    const text = planMarkdown(plan(cluster('one', [nasty])));
    expect(text).toContain('````diff\n');
    expect(text).not.toMatch(/^(```|<\/details>\n@|@everybody)$/m);
  });
});
