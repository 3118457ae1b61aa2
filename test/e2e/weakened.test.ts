import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, someNodes, type Answer } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';

let bench: Bench;
const admission = 'admissionregistration.k8s.io';
const policies = { group: admission, kind: 'ValidatingAdmissionPolicy' };
const bindings = { group: admission, kind: 'ValidatingAdmissionPolicyBinding' };
const networks = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'shop-web' };

const patch = async (
  kind: string,
  name: string,
  [type, body]: readonly ['json' | 'merge', unknown],
): Promise<void> => {
  const words = ['patch', kind, name, `--type=${type}`, '-p', JSON.stringify(body)];
  const done = await bench.kubectl('lab', kind === 'netpol' ? [...words, '-n', 'shop-web'] : words);
  expect(done.code, done.all).toBe(0);
};
const specs = async (): Promise<Readonly<Record<string, unknown>>> => {
  const lists = await Promise.all(
    [policies, bindings, networks].map((kind) =>
      bench.client().list(kind, kind === networks ? networks : {}),
    ),
  );
  const all = lists
    .flatMap(({ items }) => items)
    .filter(({ metadata }) => metadata.name.startsWith('toryo-'));
  return Object.fromEntries(all.map((one) => [`${one.kind}/${one.metadata.name}`, one['spec']]));
};
const toryo = async (...words: readonly [string, ...string[]]): Promise<Answer> => {
  const answer = await bench.toryo(...words);
  expect(answer.code, answer.all.slice(-3000)).toBe(0);
  return answer;
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    'apps/shop/web/manifests/web.yaml': together(configMapYaml('web'), deploymentYaml('web')),
  });
  await toryo('lock');
  await toryo('apply', '--yes');
});
afterAll(() => bench.stop());

const never = { name: 'never', expression: 'false' };
const narrow = { matchResources: { objectSelector: { matchLabels: { never: 'x' } } } };

describe('what somebody adds to guards', () => {
  it.each([
    [
      'conditions beside ours',
      'ValidatingAdmissionPolicy',
      'toryo-pod-host',
      'never',
      ['json', [{ op: 'add', path: '/spec/matchConditions/0', value: never }]],
    ],
    [
      'conditions in place of ours',
      'ValidatingAdmissionPolicy',
      'toryo-pod-host',
      'never',
      ['json', [{ op: 'add', path: '/spec/matchConditions', value: [never] }]],
    ],
    [
      'a variable',
      'ValidatingAdmissionPolicy',
      'toryo-pod-host',
      'variables',
      ['json', [{ op: 'add', path: '/spec/variables/0', value: never }]],
    ],
    [
      'a selector of objects',
      'ValidatingAdmissionPolicyBinding',
      'toryo-deletion.all',
      'never',
      ['merge', { spec: narrow }],
    ],
    [
      'another action',
      'ValidatingAdmissionPolicyBinding',
      'toryo-daemonsets.tenants',
      'validationActions',
      ['merge', { spec: { validationActions: ['Warn'] } }],
    ],
    [
      'one more action',
      'ValidatingAdmissionPolicyBinding',
      'toryo-daemonsets.tenants',
      'Audit',
      ['merge', { spec: { validationActions: ['Deny', 'Audit'] } }],
    ],
    [
      'openings',
      'NetworkPolicy',
      'toryo-default-deny',
      'ingress',
      ['merge', { spec: { ingress: [{}], egress: [{}] } }],
    ],
  ] as const)('%s: is shown, and goes', { timeout: 120_000 }, async (_what, kind, name, named, change) => {
    const before = await specs();
    expect(before).toHaveProperty([`${kind}/${name}`]);
    await patch(kind === 'NetworkPolicy' ? 'netpol' : kind.toLowerCase(), name, change);
    expect(await specs()).not.toEqual(before);
    const plan = await toryo('plan');
    expect(plan.all).toContain('guards are weakened on cluster lab: ');
    expect(plan.all).toMatch(new RegExp(`${kind}/(shop-web/)?${name} was changed`));
    expect(plan.out).toContain(named);
    await toryo('apply', '--yes');
    expect(await specs()).toEqual(before);
    expect((await toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    const writes = await bench.writes();
    await toryo('apply', '--yes');
    expect(await bench.writes('lab', writes)).toEqual(new Map());
  });
});

describe('a label that guards a namespace', () => {
  const by = async (level: string): Promise<void> => {
    const body = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } };
    const words = ['patch', 'namespace', 'shop-web', '--type=merge', '-p', JSON.stringify(body)];
    const done = await bench.kubectl('lab', [...words, '--field-manager=curl']);
    expect(done.code, done.all).toBe(0);
  };

  it(
    'is taken from whoever wrote it, though the fleet leaves everything to others',
    { timeout: 120_000 },
    async () => {
      const leaving = '  ownership: [{ managers: ["*"], decide: leave }]\n  environments:';
      await bench.edit('fleet.yaml', '  environments:', leaving);
      await by('privileged');
      expect((await bench.toryo('status')).all).toContain('Namespace/shop-web was changed');
      expect((await toryo('plan')).all).toMatch(
        /takes metadata\.labels\["pod-security\.kubernetes\.io\/enforce"\] from curl \(.*\): privileged -> restricted/,
      );
      await toryo('apply', '--yes');
      expect((await toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
      // Put back by hand, the label is still whose hand it was: a change of the profile must not stop at that.
      await by('privileged');
      await by('restricted');
      await bench.edit('fleet.yaml', 'spec: { readOnly', 'spec: { runAsUser: { rule: RunAsAny }, readOnly');
      expect((await toryo('plan')).all).toMatch(/from curl \(.*\): restricted -> baseline/);
      await toryo('apply', '--yes');
      expect((await toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    },
  );
});
