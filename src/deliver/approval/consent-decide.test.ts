import { describe, expect, it } from 'vitest';
import { known, unknown, type Known } from '../../lib/index.ts';
import type { ClusterConsent, Inventory, LiveApprovers, WaveRecord } from '../../world/index.ts';
import { basesOf, consentOf, demandNote, demandOf, type OtherCluster } from './consent-decide.ts';

const eve: LiveApprovers = { environment: 'prod', keys: ['ssh-ed25519 AAAA eve@example.com'], atLeast: 1 };
const bob: LiveApprovers = { environment: 'prod', keys: ['ssh-ed25519 BBBB bob@example.com'], atLeast: 1 };
const says = (approvers?: LiveApprovers): Known<ClusterConsent> =>
  known({ approvers, used: { plan: '', ids: new Map() } });
const other = (cluster: string, own: OtherCluster['own'], environment = 'prod'): OtherCluster => ({
  cluster,
  environment,
  own,
});
const asked = { cluster: 'p1', environment: 'prod', isProtected: true, hasKeys: true, own: says() };

describe('who must agree', () => {
  it.each<[string, Parameters<typeof demandOf>, object]>([
    ['nobody, where nothing is protected', [{ ...asked, isProtected: false }, []], { is: 'none' }],
    [
      'those whom the cluster names, though the change protects nothing',
      [{ ...asked, isProtected: false, own: says(eve) }, [other('p2', says(bob))]],
      { is: 'needed', by: [eve] },
    ],
    [
      'those of another cluster of the environment, where the cluster names nobody',
      [asked, [other('p2', says(eve)), other('p3', says(eve)), other('x', says(bob), 'test')]],
      { is: 'needed', by: [eve, bob] },
    ],
    ['nobody yet', [asked, [other('p2', says()), other('p3', undefined)]], { is: 'first' }],
    [
      'unknown, where another cluster of the environment cannot be read',
      [asked, [other('p2', unknown('gone'))]],
      { is: 'unknown', why: expect.stringContaining('cluster p2: gone') },
    ],
    ['unknown, where the cluster cannot be read', [{ ...asked, own: unknown('no') }, []], { is: 'unknown' }],
    [
      'unknown, where nobody is named at all',
      [{ ...asked, hasKeys: false }, []],
      { is: 'unknown', why: expect.stringContaining('names no approvers') },
    ],
  ])('is %s', (_about, [one, others], wanted) => {
    expect(demandOf(one, others)).toMatchObject(wanted);
  });

  it('is said in the plan', () => {
    expect(demandNote({ is: 'first', environment: 'prod' }, known([]))).toContain(
      'sets the first approvers of environment prod',
    );
    expect(demandNote({ is: 'none' }, known([]))).toBeUndefined();
  });

  it('is said without those who wrote the change', () => {
    const blob =
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKEiEx1lYPc6oNMXOkv6d67qznl0salBKmERlg4oHHRw ann@example.com';
    const by = [{ environment: 'prod', keys: [blob, 'ssh-dss x'], atLeast: 1 }];
    const authors = known([{ name: 'Ann', email: 'ANN@example.com' }]);
    expect(demandNote({ is: 'needed', by }, authors)).toBe(
      'changes in environment prod need an approval, by 1 of a key that cannot be used (not ann@example.com: no author of the change may)',
    );
    expect(demandNote({ is: 'needed', by }, unknown('commit them'))).toMatch(/none can count: commit them$/);
  });
});

describe('consent', () => {
  const input = {
    planHash: 'sha256:p',
    fleet: 'acme',
    wave: 'prod',
    at: '2026-03-01T12:00:00Z',
    approvals: [],
    authors: known([]),
    commit: known('c'),
    used: { plan: '', ids: new Map() },
  };

  it('is not needed where nobody must agree, and never given while something is unknown', () => {
    expect(consentOf({ is: 'none' }, input).is).toBe('not-needed');
    expect(consentOf({ is: 'first', environment: 'prod' }, input).is).toBe('not-needed');
    const loose = consentOf({ is: 'first', environment: 'prod' }, { ...input, commit: unknown('no commit') });
    expect(loose).toMatchObject({ is: 'refused', why: expect.stringContaining('no commit') });
    expect(consentOf({ is: 'unknown', why: 'x' }, input)).toEqual({ is: 'refused', why: 'x' });
    const unsure = consentOf({ is: 'needed', by: [eve] }, { ...input, authors: unknown('shallow') });
    expect(unsure).toMatchObject({ is: 'refused', why: expect.stringContaining('shallow') });
  });
});

describe('where the changes of a cluster begin', () => {
  const inventory = (record?: Partial<WaveRecord>): Inventory => ({
    owner: { tenant: 'shop', app: 'web' },
    name: '',
    digest: '',
    items: [],
    ...(record && {
      record: { digest: 'd', phase: 'healthy', since: '2026-01-01', revision: '', plan: '', ...record },
    }),
  });
  const inventories = new Map([
    ['App/a/old', inventory({ commit: 'one', since: '2026-01-01' })],
    ['App/a/new', inventory({ commit: 'two', since: '2026-02-01' })],
    ['App/a/back', inventory({ commit: 'bad', goodCommit: 'good', phase: 'returned' })],
  ]);

  it.each<[string, Record<string, string>, readonly (string | undefined)[]]>([
    ['with the commit of what changes', { 'App/a/old': 'e', 'App/a/new': 'd', 'App/a/back': 'd' }, ['one']],
    ['before a revision that went back', { 'App/a/old': 'd', 'App/a/new': 'd', 'App/a/back': 'e' }, ['good']],
    ['for what leaves too', { 'App/a/new': 'd', 'App/a/back': 'd' }, ['one']],
    [
      'with the last commit for what is new',
      { 'App/a/old': 'd', 'App/a/new': 'd', 'App/a/back': 'd', 'App/a/first': 'd' },
      ['two'],
    ],
  ])('%s', (_about, wanted, bases) => {
    expect([...basesOf(new Map(Object.entries(wanted)), inventories)]).toEqual(bases);
  });
});
