import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardDigest, guardOf } from '../../../src/guard/index.ts';
import {
  GuardActivity,
  permitDeletion,
  withLivingGuards,
  withoutNamedGuards,
  type Change,
} from '../../../src/deliver/index.ts';
import type { Event, Run } from '../../../src/lib/index.ts';
import type { KubeObject, Manifest } from '../../../src/objects/index.ts';
import { object, type TestServer } from '../kube/server.ts';
import { guardedNamespace, guardedServer } from './parity-server.ts';
import { profiles } from './profiles.ts';

const [profile] = profiles;
if (profile === undefined) throw new Error('no profile');
const guard = guardOf({ name: 'shop', profile, serviceAccounts: {}, waivers: [], serviceTypes: [] }, '1.36');
const events: Event[] = [];
const run: Run = {
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: (event) => void events.push(event),
};
const owner = { tenant: 'platform' };
const from = { file: 'shop.yaml', line: 1, column: 1, path: '' };
const deletion = (group: string, kind: string, name: string): Change => ({
  subject: { group, kind, name },
  owner,
  action: 'delete',
  fields: [],
  checkedBy: 'nothing',
  hasRights: true,
});
let server: TestServer;

beforeAll(async () => {
  server = await guardedServer('1.36', {
    enforced: [guard],
    tried: [],
    fallback: guard.spec,
    version: '1.36',
  });
  await guardedNamespace(server, 'shop', guard);
});
afterAll(() => server.stop());

describe('a Guard that a namespace names', () => {
  const all = [
    deletion('toryo.dev', 'Guard', guard.name),
    deletion('toryo.dev', 'Guard', 'unknown'),
    deletion('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'toryo-pod-host'),
    deletion('', 'ConfigMap', 'other'),
  ];
  const going = async (...more: readonly Change[]): Promise<readonly string[]> => {
    const world = { live: new Map() };
    const left = await withoutNamedGuards([...all, ...more], { client: server.client, world }, run);
    return left.map((one) => one.subject.name);
  };

  it('stays, with the policies', async () => {
    expect(await going()).toEqual(['unknown', 'other']);
    expect(events.at(-1)).toMatchObject({
      state: 'waiting',
      why: `Namespace/shop still names Guard/${guard.name}`,
    });
  });

  it('goes together with the namespace', async () => {
    expect(await going(deletion('', 'Namespace', 'shop'))).toHaveLength(5);
  });
});

describe('a namespace on its way back', () => {
  const wished = (name: string): Manifest => {
    const metadata = { name: 'shop', labels: { 'toryo.dev/managed': 'true', 'toryo.dev/guard': name } };
    return { object: { ...object('v1', 'Namespace', 'shop'), metadata }, owner, from };
  };
  const labelled = async (name: string): Promise<string | undefined> => {
    const [back] = await withLivingGuards([wished(name)], server.client);
    return back?.object.metadata.labels?.['toryo.dev/guard'];
  };

  it('names the Guard of before when it is there, and else the one that it names now', async () => {
    expect(await labelled('unknown')).toBe('unknown');
    expect(await labelled('profile.gone')).toBe(guard.name);
  });
});

describe('what may be deleted', () => {
  it('is annotated in the incarnation that was seen', async () => {
    const subject = { group: '', kind: 'Namespace', name: 'shop' };
    const live = await server.client.get(subject);
    const uid = String(live?.metadata['uid']);
    await expect(
      permitDeletion(
        { subject, uid: uid.replace(/^./, 'f') === uid ? `${uid}0` : uid.replace(/^./, 'f') },
        server.client,
        'acme',
      ),
    ).rejects.toThrow();
    await expect(server.client.remove(subject, { uid })).rejects.toThrow('TRY-SEC-045');
    await permitDeletion({ subject, uid }, server.client, 'acme');
    const allowed: KubeObject | undefined = await server.client.get(subject);
    expect(allowed?.metadata.annotations).toMatchObject({ 'toryo.dev/delete': 'shop' });
    expect(await server.client.remove(subject, { uid, dryRun: true })).toBe('deleted');
    await permitDeletion({ subject: { ...subject, name: 'gone' } }, server.client, 'acme');
  });
});

describe('policies', () => {
  const ask = (digest: string, timeout: number) =>
    new GuardActivity({
      client: server.client,
      run,
      timeout,
      isOpen: true,
      isNews: true,
      probe: {
        apiVersion: 'toryo.dev/v1alpha1',
        kind: 'Guard',
        metadata: { name: 'probe' },
        spec: { digest },
      },
      isOver: () => false,
    }).health();

  it('are active when the refusal names their digest', async () => {
    const probe = await server.client.get({ group: 'toryo.dev', kind: 'Guard', name: 'probe' });
    const digest = guardDigest(probe === undefined ? [] : [probe]) ?? '';
    expect(await ask(digest, 5000)).toEqual({ state: 'healthy', why: '' });
    expect(await ask(digest.replace(/.$/, 'x'), 300)).toMatchObject({
      state: 'progressing',
      why: expect.stringMatching(
        /^the policies are not active after \d+ s: a dry run .* was let in$/,
      ) as string,
    });
  });
});
