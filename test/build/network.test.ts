import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { yamlText } from '../../src/lib/index.ts';
import { builtInNetworkSets } from '../../src/spec/index.ts';
import {
  aFleet,
  fleetText,
  removeFleets,
  shown,
  tenantText,
  type FleetBuilder,
} from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const golden = fileURLToPath(new URL('../golden/network/', import.meta.url));

const addon = (name: string, role: string): string =>
  `kind: Addon\nmetadata: { name: ${name} }\nspec:\n  from: { path: manifests }\n  clusters: all\n  namespace: { name: ${name}-system, profile: restricted }\n  role: { is: ${role}, pods: { app: ${name} } }\n`;

const egressOnly = new Set(['dns', 'kube-api', 'pod-identity']);

/** A fleet whose namespace uses one set, in every direction that it has. */
function fleetWith(set: string): FleetBuilder {
  const ways = `ingress: [${egressOnly.has(set) ? '' : set}], egress: [${set}]`;
  return aFleet()
    .with(
      'fleet.yaml',
      fleetText(
        '[{ name: a, select: all }]',
        '  networkSets: { orders-db: { cidrs: [10.8.16.0/20], ports: [5432] } }\n',
      ),
    )
    .with('tenants/shop.yaml', tenantText().replace('restricted }', `restricted, network: { ${ways} } }`))
    .with('addons/gate/addon.yaml', addon('gate', 'ingress-controller'))
    .with('addons/gate/manifests/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n')
    .with('addons/watch/addon.yaml', addon('watch', 'monitoring'))
    .with('addons/watch/manifests/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n');
}

/** The NetworkPolicies of the tenant's namespace on one cluster, as they are applied. */
async function policies(fleet: FleetBuilder): Promise<string> {
  const { value, diagnostics } = await compiled(fleet);
  expect(shown(diagnostics.filter((one) => one.severity === 'error'))).toEqual([]);
  const found = (value?.[0]?.manifests ?? []).filter(({ object }) => object.kind === 'NetworkPolicy');
  return found.map(({ object }) => yamlText(object)).join('---\n');
}

const sets = [...builtInNetworkSets, 'orders-db'];

describe('network sets', () => {
  it.each(sets)('%s compiles to its golden file (GOLDEN=update writes it)', async (set) => {
    const file = path.join(golden, `${set}.yaml`);
    const text = await policies(fleetWith(set));
    if (process.env['GOLDEN'] === 'update') {
      mkdirSync(golden, { recursive: true });
      writeFileSync(file, text);
    }
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('have a golden file each, and there are no others', () => {
    expect(readdirSync(golden).sort()).toEqual(sets.map((set) => `${set}.yaml`).sort());
  });

  it('leave nothing but the deny where the namespace brings its own policies', async () => {
    const fleet = aFleet().with(
      'tenants/shop.yaml',
      tenantText().replace('restricted }', 'restricted, network: own }'),
    );
    expect(await policies(fleet)).toContain('toryo-default-deny');
    expect((await policies(fleet)).split('---').length).toBe(1);
  });

  it('say when no add-on has the role, and when addresses are not known', async () => {
    const fleet = aFleet().with(
      'tenants/shop.yaml',
      tenantText().replace(
        'restricted }',
        'restricted, network: { ingress: [monitoring], egress: [kube-api] } }',
      ),
    );
    const { diagnostics } = await compiled(fleet);
    expect(shown(diagnostics.filter((one) => one.code.startsWith('TRY-NET')))).toEqual([
      'TRY-NET-002 tenants/shop.yaml:7:67 no Addon on cluster lab, tokyo has the role monitoring: nothing is let through',
      "TRY-NET-004 tenants/shop.yaml:7:89 kube-api: the API server's addresses of cluster lab, tokyo are not known yet: nothing is let through",
      'TRY-NET-001 fleet.yaml:2:19 NetworkPolicies are stored and not known to be enforced on lab, tokyo',
    ]);
  });
});
