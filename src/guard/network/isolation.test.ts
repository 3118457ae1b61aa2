import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';
import { guardObject, guardOf, type GuardWaiver } from '../policies/guard.ts';
import { isolation } from './isolation.ts';
import { openedTo } from './opened.ts';

const space = (name: string, tenant: string, level = 'restricted'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'toryo.dev/tenant': tenant, 'pod-security.kubernetes.io/enforce': level } },
});
const policy = (namespace: string, name: string, spec: object, owner = 'tenant.shop'): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, labels: { 'toryo.dev/owner': owner } },
  spec: { podSelector: {}, ...spec },
});
const deny = (namespace: string): KubeObject =>
  policy(namespace, 'toryo-default-deny', { policyTypes: ['Ingress', 'Egress'] });
const spaces = [space('shop', 'shop'), space('shop-db', 'shop'), space('mail', 'mail')];
const closed = [...spaces, ...spaces.map((one) => deny(one.metadata.name))];
const everybody = { ingress: [{ from: [{ namespaceSelector: {} }] }] };

describe('isolation of tenants', () => {
  it('is proven where every namespace denies, for any pod that may come', () => {
    expect(isolation(closed)).toEqual({
      tenants: 2,
      namespaces: 3,
      pairs: 4,
      closed: 4,
      declared: [],
      holes: [],
      nodeNetwork: [],
    });
  });

  it('has a hole where nothing restricts, and where only some pods are', () => {
    const found = isolation(spaces);
    expect(found.holes.length).toBe(4);
    expect(found.holes[0]).toMatchObject({
      isByAddressOnly: false,
      policies: [],
      unrestricted: ['egress', 'ingress'],
    });
    const some = policy('mail', 'some', {
      podSelector: { matchLabels: { app: 'a' } },
      policyTypes: ['Ingress'],
    });
    const half = isolation([...spaces, some]).holes.filter((one) => one.to.namespace === 'mail');
    expect(half.map((one) => one.unrestricted)).toEqual([
      ['egress', 'ingress'],
      ['egress', 'ingress'],
    ]);
  });

  it('needs both sides: an App that lets everybody in is no hole until somebody else may leave', () => {
    const open = policy('shop', 'open', everybody, 'app.shop.web');
    expect(isolation([...closed, open]).closed).toBe(4);
    const out = policy('mail', 'out', { policyTypes: ['Egress'], egress: [{}] }, 'app.mail.relay');
    const { holes } = isolation([...closed, open, out]);
    expect(holes).toMatchObject([
      {
        from: { namespace: 'mail' },
        to: { namespace: 'shop' },
        policies: ['mail/out', 'shop/open'],
        isByAddressOnly: false,
      },
    ]);
  });

  it('counts what a network set lets through as declared', () => {
    const platform = space('monitoring', 'platform', 'privileged');
    const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
    const set = policy('shop', 'toryo-ingress-monitoring', { ingress: [{ from }] });
    const { declared, holes, nodeNetwork } = isolation([...closed, platform, set]);
    expect(holes).toEqual([]);
    expect(declared.map((one) => one.policies)).toEqual([['shop/toryo-ingress-monitoring']]);
    // What the platform runs on nodes is its own decision.
    expect(nodeNetwork).toEqual([]);
    const own = policy('shop', 'own', { ingress: [{ from }] }, 'app.shop.web');
    expect(isolation([...closed, platform, own]).holes.map((one) => one.policies)).toEqual([['shop/own']]);
  });

  it('says where only addresses could let it through', () => {
    const block = { ipBlock: { cidr: '10.8.0.0/16' } };
    const out = policy(
      'mail',
      'out',
      { policyTypes: ['Egress'], egress: [{ to: [block] }] },
      'app.mail.relay',
    );
    const into = policy('shop', 'in', { ingress: [{ from: [block] }] }, 'app.shop.web');
    const { holes } = isolation([...closed, out, into]);
    expect(holes.map((one) => [one.isByAddressOnly, one.policies])).toEqual([
      [true, ['mail/out', 'shop/in']],
    ]);
    const set = policy('shop', 'toryo-ingress-office', { ingress: [{ from: [block] }] });
    expect(isolation([...closed, out, set]).holes).toEqual([]);
  });

  it('says which namespaces let pods onto the node’s network', () => {
    const loose = space('tools', 'mail', 'privileged');
    expect(isolation([...closed, loose, deny('tools')]).nodeNetwork).toEqual(['tools']);
  });

  it('asks the Guard too: a level may be privileged for something else', () => {
    const guarded = (profile: Partial<SecurityProfile>, waivers: readonly GuardWaiver[] = []) => {
      const strict = strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' });
      const { name, spec } = guardOf(
        { name: 'tools', profile: { ...strict, ...profile }, serviceAccounts: {}, waivers, serviceTypes: [] },
        '1.35',
      );
      const loose = space('tools', 'mail', 'privileged');
      const metadata = { ...loose.metadata, labels: { ...loose.metadata.labels, 'toryo.dev/guard': name } };
      return isolation([...closed, { ...loose, metadata }, guardObject(name, spec)]).nodeNetwork;
    };
    const waiver = (rule: string, container = '') => ({ name: 'w', rule, container, serviceAccount: '' });
    expect(guarded({ volumes: ['hostPath'] })).toEqual([]);
    expect(guarded({ hostNetwork: true })).toEqual(['tools']);
    expect(guarded({}, [waiver('TRY-SEC-012'), waiver('TRY-SEC-020', 'web')])).toEqual([]);
    expect(guarded({}, [waiver('TRY-SEC-020')])).toEqual(['tools']);
  });
});

describe('whom a policy opens its namespace to', () => {
  it.each<[string, object, readonly string[]]>([
    ['everybody', everybody, ['mail']],
    ['no peers at all', { ingress: [{}] }, ['mail']],
    [
      'pods of some label, wherever',
      { ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: 'b' } } }] }] },
      ['mail'],
    ],
    [
      'its own tenant',
      { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'toryo.dev/tenant': 'shop' } } }] }] },
      [],
    ],
    ['itself', { ingress: [{ from: [{ podSelector: {} }] }] }, []],
    ['addresses', { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] }, []],
    ['egress only', { policyTypes: ['Egress'], egress: [{}] }, []],
  ])('%s', (_what, spec, namespaces) => {
    const opened = openedTo(policy('shop', 'x', spec), [...spaces, space('metallb', 'platform')]);
    expect(opened.map((one) => one.namespace)).toEqual(namespaces);
  });
});
