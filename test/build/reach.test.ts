import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFailure } from '../../src/lib/index.ts';
import { aFleet, fleetText, quietRun, removeFleets, tenantText } from '../../src/spec/testing/fleet.ts';
import { build, isolationOn, reachOn, type Built } from '../../src/toryo.ts';

afterAll(removeFleets);

const golden = fileURLToPath(new URL('../golden/reach/', import.meta.url));

/** Runs the command line as a user does. */
function toryo(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), ['guard', 'reach', ...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('toryo guard reach on examples/acme', () => {
  it('advises one place, where the network of the namespace is said, whatever overrides say otherwise', () => {
    const { code, err } = toryo('10.8.17.1', 'tenant/shop', 'examples/acme');
    expect(code).toBe(3);
    const advice = err.split('\n').filter((line) => line.startsWith('to open it: '));
    expect(advice).toEqual([
      expect.stringMatching(/^to open it: orders-db opens 5432\/TCP only; for all ports: Fleet: /),
    ]);
  });

  it.each(['owner', 'namespace'])(
    'has the matrix of its golden file, by %s (GOLDEN=update writes it)',
    (unit) => {
      const { code, out } = toryo('--matrix', 'examples/acme', '--by', unit, '-o', 'markdown');
      const file = path.join(golden, `acme-${unit}.md`);
      if (process.env['GOLDEN'] === 'update') {
        mkdirSync(golden, { recursive: true });
        writeFileSync(file, out);
      }
      expect(code).toBe(0);
      expect(out).toBe(readFileSync(file, 'utf8'));
    },
  );

  it('exits with 0, 3 and 6, and says where nothing is enforced', () => {
    const open = toryo('App/shop/web', 'App/shop/orders', 'examples/acme', '--port', '8080');
    expect(open.code, open.err).toBe(0);
    expect(open.out).toContain('8080/TCP  shop-staging, shop-tokyo');
    expect(open.err).toContain(
      'not enforced on shop-staging, shop-tokyo: NetworkPolicies are only stored there',
    );
    // One port that passes is enough, in whatever order they are asked.
    for (const [one, other] of [
      ['80', '8080'],
      ['8080', '80'],
    ] as const) {
      const either = toryo(
        'App/shop/web',
        'App/shop/orders',
        'examples/acme',
        '--port',
        one,
        '--port',
        other,
      );
      expect(either.code, either.err).toBe(0);
      expect(either.out).toContain('8080/TCP  shop-staging, shop-tokyo');
    }
    const closed = toryo('App/mail/relay', 'App/search/index', 'examples/acme');
    expect(closed.code).toBe(3);
    expect(closed.err).toContain('to open it: tenants are kept apart');
    const perhaps = toryo('App/mail/relay', 'Addon/metrics-server', 'examples/acme', '-o', 'json');
    expect(perhaps.code).toBe(6);
    expect(JSON.parse(perhaps.out)).toMatchObject([
      {
        verdict: 'unknown',
        doubtful: '25/TCP, 587/TCP',
        policies: ['mail/toryo-egress-mail-exchange'],
        enforcement: 'stored',
        clusters: ['shared-tokyo'],
      },
    ]);
  });

  it('proves that tenants are kept apart', () => {
    const { code, out } = toryo('--isolation', 'examples/acme', '-o', 'json');
    expect(code).toBe(0);
    const proofs: { cluster: string; pairs: number; holes: unknown[] }[] = JSON.parse(out);
    expect(proofs.map((one) => [one.cluster, one.pairs, one.holes.length])).toEqual([
      ['pay-tokyo', 4, 0],
      ['shared-tokyo', 10, 0],
      ['shop-staging', 4, 0],
      ['shop-tokyo', 4, 0],
    ]);
  });

  it.each([
    [['App/shop/web'], 'name who calls and who is called'],
    [['App/shop/wep', 'dns', 'examples/acme'], 'the fleet has no App/shop/wep, did you mean App/shop/web?'],
    [['App/shop/web', 'order-db', 'examples/acme'], 'order-db is no network set, did you mean orders-db?'],
    [
      ['App/shop/web', 'App/mail/relay', 'examples/acme'],
      'no cluster has both App/shop/web and App/mail/relay',
    ],
    [['internet', '10.0.0.0/8', 'examples/acme'], 'are both outside'],
    [['App/shop/web', 'dns', 'examples/acme', '--port', 'http'], '--port http is not 8080/TCP'],
    [['--matrix', 'examples/acme', 'dns'], 'only the folder of the fleet repository is named'],
    [['Pod/web', 'dns', 'examples/acme'], 'is none of: App/TENANT/NAME'],
  ])('%j is no question', (words, why) => {
    expect(toryo(...words)).toMatchObject({ code: 2, err: expect.stringContaining(why) });
  });
});

const workload = (name: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: main
          image: registry.example.com/${name}:1
          ports: [{ name: http, containerPort: 8080 }]
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
${more}`;
const service = `---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
`;
const gate = `kind: Addon
metadata: { name: gate }
spec:
  from: { path: manifests }
  clusters: all
  namespace: { name: gate-system, profile: restricted }
  role: { is: ingress-controller, pods: { app: gate } }
`;
const mail = `kind: Tenant
metadata: { name: mail }
spec:
  clusters: all
  paths: [apps/mail/**]
  namespaces:
    - { name: mail, profile: restricted, network: own }
`;
const relay = `kind: App
metadata: { name: relay }
spec: { tenant: mail, namespace: mail, clusters: all, source: { path: manifests } }
`;
const openPolicy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open }
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: http }] }]
  egress: [{}]
`;

describe('reach in a fleet with a gate, a Service and policies of an App', () => {
  let built: Built;
  let codes: readonly string[] = [];

  const fleetWith = (network: string) => {
    const root = aFleet()
      .with(
        'fleet.yaml',
        fleetText(
          '[{ name: a, select: all }]',
          '  networkSets: { orders-db: { cidrs: [10.8.16.0/20], ports: [5432] } }\n',
        ),
      )
      .with('tenants/shop.yaml', tenantText().replace('restricted }', `restricted, ${network} }`))
      .with('tenants/mail.yaml', mail)
      .with('apps/shop/web/manifests/web.yaml', workload('web', service))
      .with('apps/mail/relay/app.yaml', relay)
      .with('apps/mail/relay/manifests/relay.yaml', workload('relay', openPolicy))
      .with('addons/gate/addon.yaml', gate)
      .with('addons/gate/manifests/gate.yaml', workload('gate'))
      .write();
    return build(root, { env: {} }, quietRun);
  };

  beforeAll(async () => {
    const { value, diagnostics } = await fleetWith(
      'network: { ingress: [ingress-controller], egress: [dns, orders-db] }',
    );
    codes = diagnostics.map((one) => one.code);
    built = value!;
  });

  const ask = (from: string, to: string, port?: number) => {
    const ports = port && { TCP: [{ from: port, to: port }], UDP: [], SCTP: [] };
    const answers = reachOn(built, { from, to, ports: ports || undefined, clusters: ['lab'] });
    return answers.map((one) => [one.from, one.to, one.verdict, one.ports, ...one.openings]);
  };
  const [web, gatePod, relayPod] = ['shop-web/web', 'gate-system/gate', 'mail/relay'].map(
    (name) => `Deployment/${name}`,
  );

  it('goes to a Service through its port to the container’s', () => {
    expect(ask('ingress-controller', 'shop-web/Service/web')).toEqual([
      [gatePod, web, 'allowed', '8080/TCP'],
    ]);
    expect(ask('Addon/gate', 'shop-web/Service/web', 80)).toEqual([[gatePod, web, 'allowed', '8080/TCP']]);
    expect(() => ask('Addon/gate', 'shop-web/Service/web', 81)).toThrow(/has no such port/);
  });

  it('says what to write in the Tenant where it is refused', () => {
    expect(ask('App/shop/web', 'shop-web/Deployment/web')).toEqual([
      [
        web,
        web,
        'refused',
        'none',
        'Tenant shop (tenants/shop.yaml:7), namespace shop-web: network: { egress: [dns, orders-db, same-namespace] } (same-namespace opens all ports)',
        'Tenant shop (tenants/shop.yaml:7), namespace shop-web: network: { ingress: [ingress-controller, same-namespace] } (same-namespace opens all ports)',
      ],
    ]);
    expect(ask('namespace/shop-web', '10.8.17.1', 80)).toEqual([
      [
        web,
        '10.8.17.1',
        'refused',
        'none',
        'orders-db opens 5432/TCP only; for 80/TCP: Fleet: networkSets: { NAME: { cidrs: [10.8.17.1/32], ports: [80] } }, then NAME in network.egress of namespace shop-web',
      ],
    ]);
    expect(ask('tenant/shop', '10.9.0.0/16')[0]?.[4]).toBe(
      'Fleet: networkSets: { NAME: { cidrs: [10.9.0.0/16] } }, then NAME in network.egress of namespace shop-web',
    );
    expect(ask('tenant/shop', '10.9.0.1')[0]?.[4]).toContain('{ cidrs: [10.9.0.1/32] }');
    for (const metadata of ['169.254.169.254', 'fd00:ec2::/32'])
      expect(ask('tenant/shop', metadata)[0]?.[4]).toMatch(/^better not: .*node’s rights/);
    expect(ask('tenant/mail', 'App/shop/web')[0]?.[4]).toContain('no network set is about tenant mail');
  });

  it.each([
    ['tenant/shop', '169.254.170.23', 80, 'orders-db, pod-identity] } (pod-identity opens 80/TCP)'],
    ['tenant/shop', '169.254.170.23', 81, 'pod-identity opens 80/TCP only; for 81/TCP: Fleet'],
    [
      'tenant/shop',
      'dns',
      80,
      'dns opens 53/TCP, 53/UDP only; for 80/TCP: give namespace shop-web `network: own`',
    ],
    ['10.8.17.1', 'tenant/shop', 5432, '[ingress-controller, orders-db] } (orders-db opens 5432/TCP)'],
    [
      '10.8.17.1',
      'tenant/shop',
      8080,
      'orders-db opens 5432/TCP only; for 8080/TCP: Fleet: networkSets: { NAME: { cidrs: [10.8.17.1/32], ports: [8080] } }, then NAME in network.ingress',
    ],
    ['10.8.17.1', 'tenant/shop', undefined, 'orders-db opens 5432/TCP only; for all ports: Fleet'],
  ])('from %s to %s proposes only what opens port %s', (from, to, port, advice) => {
    expect(ask(from, to, port)[0]?.[4]).toContain(advice);
  });

  it('is let through once that is written', async () => {
    const question = { from: 'App/shop/web', to: 'App/shop/web', clusters: [] };
    const [before] = reachOn(built, question);
    const ways = before!.openings.map((text) => /network: \{ (.*) \} \(/.exec(text)?.[1]);
    const { value } = await fleetWith(`network: { ${ways.join(', ')} }`);
    expect(before).toMatchObject({ verdict: 'refused', clusters: ['lab', 'tokyo'] });
    expect(reachOn(value!, question)).toMatchObject([{ verdict: 'allowed', openings: [] }]);
  });

  it('reads the policies of an App that brings its own', () => {
    expect(ask('tenant/mail', 'App/mail/relay')).toEqual([[relayPod, relayPod, 'allowed', '8080/TCP']]);
    expect(ask('internet', 'App/mail/relay')[0]?.slice(2)).toEqual([
      'refused',
      'none',
      'namespace mail brings its own NetworkPolicies: add the ingress rule to the App that writes them',
    ]);
  });

  it('warns at check time, and finds the hole that they make with the platform', () => {
    expect(codes).toContain('TRY-NET-005');
    const [lab] = isolationOn(built, ['lab']);
    const holes = lab?.holes.map((one) => `${one.from.namespace} -> ${one.to.namespace}`);
    expect(holes).toEqual([
      'gate-system -> mail',
      'mail -> gate-system',
      'mail -> toryo-system',
      'toryo-system -> mail',
    ]);
    expect(lab?.declared.map((one) => [one.from.namespace, one.policies[0]])).toContainEqual([
      'gate-system',
      'shop-web/toryo-ingress-ingress-controller',
    ]);
  });

  it('refuses what it does not know as a usage error', () => {
    try {
      ask('tenant/shops', 'dns');
      expect.unreachable();
    } catch (error) {
      expect(isFailure(error) && error.code).toBe('TORYO_USAGE');
    }
  });
});
