import { rangeOf } from '../../lib/index.ts';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { anyPodIn, networkOf, podGroupOf, type Endpoint } from './network.ts';
import { connectionsFrom, connectionsText } from './ports.ts';
import { reach } from './reach.ts';

type Fields = Readonly<Record<string, unknown>>;

const space = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const policy = (name: string, spec: Fields, namespace = 'shop'): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});
const deny = policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const pod = (name: string, namespace: string, more: Fields = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name, ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }] }],
        ...more,
      },
    },
  },
});
const web = pod('web', 'shop');
const client = pod('client', 'mail');
const group = (object: KubeObject): Endpoint => podGroupOf(object)!;
const outside = (title: string): Endpoint => ({ is: 'outside', title, ranges: [rangeOf(title)!] });
const spaces = [space('shop', { team: 'a' }), space('mail', { team: 'b' })];

const ask = (from: Endpoint, to: Endpoint, policies: readonly KubeObject[], port?: string) =>
  reach(
    networkOf([...spaces, ...policies]),
    from,
    to,
    port === undefined ? undefined : connectionsFrom(port),
  ).map(({ verdict, ports, policies, reason, to }) => [
    verdict,
    connectionsText(ports),
    policies,
    reason,
    to,
  ]);

describe('who reaches whom', () => {
  it('is everybody where no policy is', () => {
    expect(ask(group(client), group(web), [])).toEqual([
      [
        'allowed',
        'all ports',
        [],
        'no policy restricts egress, no policy restricts ingress',
        'Deployment/shop/web',
      ],
    ]);
  });

  it('is nobody where a policy denies, and the policy is named', () => {
    expect(ask(group(client), group(web), [deny])).toEqual([
      ['refused', 'none', ['shop/deny'], 'ingress: no rule of deny lets it in', 'Deployment/shop/web'],
    ]);
  });

  it('adds up what policies let through, and names those that do', () => {
    const team = { from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] };
    const policies = [
      deny,
      policy('named', { podSelector: {}, ingress: [{ ...team, ports: [{ port: 'http' }] }] }),
      policy('range', { podSelector: {}, ingress: [{ ...team, ports: [{ port: 9000, endPort: 9100 }] }] }),
      policy('other', { podSelector: { matchLabels: { app: 'other' } }, ingress: [{}] }),
    ];
    expect(ask(group(client), group(web), policies)).toEqual([
      [
        'allowed',
        '8080/TCP, 9000-9100/TCP',
        ['shop/named', 'shop/range'],
        'no policy restricts egress, ingress by named, range',
        'Deployment/shop/web',
      ],
    ]);
    expect(ask(group(client), group(web), policies, '8080')[0]?.[2]).toEqual(['shop/named']);
    expect(ask(group(client), group(web), policies, '8080/UDP')[0]?.[0]).toBe('refused');
  });

  it('says so when each side lets through what the other does not', () => {
    const out = policy(
      'out',
      { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 1 }] }] },
      'mail',
    );
    const into = policy('in', { podSelector: {}, ingress: [{ ports: [{ port: 2 }] }] });
    expect(ask(group(client), group(web), [out, into])[0]?.[3]).toBe(
      'egress lets out 1/TCP, ingress lets in 2/TCP: nothing passes both',
    );
  });

  it('reads a policy without types: egress only where it has such rules', () => {
    expect(ask(group(web), group(client), [policy('x', { podSelector: {} })])[0]?.[0]).toBe('allowed');
    const x = policy('x', { podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] });
    expect(ask(group(web), group(client), [x])[0]?.[1]).toBe('53/UDP');
    expect(ask(group(client), group(web), [x])[0]?.[0]).toBe('refused');
  });

  it('is unknown between pods where only an ipBlock of private addresses lets through', () => {
    const block = (cidr: string) =>
      policy('b', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] });
    const [answer] = ask(group(client), group(web), [block('10.0.0.0/8')]);
    expect(answer).toMatchObject([
      'unknown',
      'none',
      ['shop/b'],
      expect.stringContaining('ipBlock'),
      expect.anything(),
    ]);
    expect(ask(group(client), group(web), [block('192.0.2.0/24')])[0]?.[0]).toBe('refused');
    const open = policy('open', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] });
    expect(ask(group(client), group(web), [block('10.0.0.0/8'), open])[0]?.slice(0, 3)).toEqual([
      'allowed',
      'all ports',
      ['shop/open'],
    ]);
  });

  it('is never refused for certain to or from a pod on the node’s network', () => {
    const node = group(pod('node', 'mail', { hostNetwork: true }));
    expect(ask(node, group(web), [deny])[0]).toMatchObject([
      'unknown',
      'none',
      [],
      expect.stringContaining('node'),
      expect.anything(),
    ]);
    expect(ask(group(web), node, [])[0]?.[0]).toBe('allowed');
  });

  it('answers addresses one by one where they are not answered alike', () => {
    const out = policy('out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ ipBlock: { cidr: '10.0.0.0/9', except: ['10.1.0.0/16'] } }],
          ports: [{ port: 'http' }, { port: 443 }],
        },
      ],
    });
    expect(ask(group(web), outside('10.0.0.0/8'), [out]).map((one) => [one[0], one[1], one[4]])).toEqual([
      ['allowed', '443/TCP', '10.0.0.0/8 (10.0.0.0/16, 10.2.0.0-10.127.255.255)'],
      ['refused', 'none', '10.0.0.0/8 (10.1.0.0/16, 10.128.0.0/9)'],
    ]);
    expect(ask(group(web), outside('10.1.2.3'), [out]).map((one) => [one[0], one[4]])).toEqual([
      ['refused', '10.1.2.3'],
    ]);
  });

  it('does not know what controllers label their pods with, but for the name of a Job', () => {
    const only = (key: string, value: string) =>
      policy('only', {
        podSelector: {},
        ingress: [{ from: [{ podSelector: { matchLabels: { [key]: value } } }] }],
      });
    const job = group({ ...pod('migrate', 'shop'), apiVersion: 'batch/v1', kind: 'Job' });
    const set = group({ ...pod('db', 'shop'), kind: 'StatefulSet' });
    const pet = only('statefulset.kubernetes.io/pod-name', 'db-0');
    expect(ask(set, group(web), [pet])[0]?.[0]).toBe('unknown');
    expect(ask(job, group(web), [pet])[0]?.[0]).toBe('refused');
    expect(ask(job, group(web), [only('job-name', 'migrate')])[0]?.[0]).toBe('allowed');
    expect(ask(job, group(web), [only('job-name', 'other')])[0]?.[0]).toBe('refused');
  });

  it('does not know which labels a pod has that nobody has written', () => {
    const some = policy('some', { podSelector: { matchLabels: { app: 'web' } } });
    expect(ask(group(client), anyPodIn('shop'), [some])[0]).toEqual([
      'unknown',
      'none',
      ['shop/some'],
      'labels decide that are not known',
      'any pod in namespace shop',
    ]);
    expect(ask(group(client), anyPodIn('shop'), [some, deny])[0]?.[0]).toBe('refused');
    const elsewhere = policy('e', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { zone: 'x' } } }] }],
    });
    expect(ask(anyPodIn('kube-system'), group(web), [elsewhere])[0]?.[0]).toBe('unknown');
    expect(ask(anyPodIn('mail'), group(web), [elsewhere])[0]?.[0]).toBe('refused');
  });
});
