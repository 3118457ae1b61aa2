import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isolation } from '../../src/guard/index.ts';
import { builtInNetworkSets } from '../../src/spec/index.ts';
import { aFleet, fleetText, removeFleets } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const egressOnly = new Set(['dns', 'kube-api', 'pod-identity']);
const sets = [...builtInNetworkSets, 'office', 'everywhere'];
const someOf = (names: readonly string[]) => fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
const network = fc.record({
  ingress: someOf(sets.filter((set) => !egressOnly.has(set))),
  egress: someOf(sets),
});
type Network = typeof network extends fc.Arbitrary<infer T> ? T : never;

const tenant = (name: string, networks: readonly Network[]): string => `kind: Tenant
metadata: { name: ${name} }
spec:
  clusters: all
  paths: [apps/${name}/**]
  namespaces:
${networks.map((one, index) => `    - { name: ${name}-${index}, profile: restricted, network: ${JSON.stringify(one)} }`).join('\n')}
`;
const addon = (name: string, role: string): string =>
  `kind: Addon\nmetadata: { name: ${name} }\nspec: { from: { path: manifests }, clusters: all, namespace: { name: ${name}-system, profile: restricted }, role: { is: ${role}, pods: { app: ${name} } } }\n`;
const nothing = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n';

describe('what Tenants compile to', () => {
  it('keeps tenants apart, whatever network sets they have', async () => {
    let declared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(network, { minLength: 4, maxLength: 4 }), async (networks) => {
        const fleet = aFleet()
          .without('clusters/tokyo.yaml')
          .without('apps/shop/web/app.yaml')
          .with(
            'fleet.yaml',
            fleetText(
              '[{ name: a, select: all }]',
              '  networkSets: { office: { cidrs: [10.8.0.0/16], ports: [443] }, everywhere: { cidrs: [0.0.0.0/0] } }\n',
            ),
          )
          .with('tenants/shop.yaml', tenant('shop', networks.slice(0, 2)))
          .with('tenants/mail.yaml', tenant('mail', networks.slice(2)))
          .with('addons/gate/addon.yaml', addon('gate', 'ingress-controller'))
          .with('addons/gate/manifests/x.yaml', nothing)
          .with('addons/watch/addon.yaml', addon('watch', 'monitoring'))
          .with('addons/watch/manifests/x.yaml', nothing);
        const { value } = await compiled(fleet);
        removeFleets();
        const proof = isolation(value![0]!.manifests.map((one) => one.object));
        // Four namespaces of tenants and three of the platform: 2 x 2 between tenants and 4 x 3 with it, both ways.
        expect([proof.tenants, proof.pairs, proof.holes]).toEqual([3, 32, []]);
        const between = proof.declared.filter(
          (one) => one.from.tenant !== 'platform' && one.to.tenant !== 'platform',
        );
        // One tenant reaches another only through addresses that both name, should pods have them.
        declared += between.length;
        for (const one of between) {
          expect(one.isByAddressOnly).toBe(true);
          for (const policy of one.policies)
            expect(policy).toMatch(/\/toryo-(in|e)gress-(office|everywhere)$/);
        }
      }),
      { numRuns: 60, seed: 20_261_124 },
    );
    expect(declared).toBeGreaterThan(20);
  });
});
