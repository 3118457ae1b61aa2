import { afterAll, describe, expect, it } from 'vitest';
import { at } from '../../src/lib/index.ts';
import { aFleet, removeFleets, tenantText, type FleetBuilder } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const web = 'apps/shop/web/manifests/web.yaml';
const profile = (fields: string, name: string): string =>
  `kind: SecurityProfile\nmetadata: { name: ${name} }\nspec: { ${fields} }\n`;
const waiver = (rule: string, expires: string): string =>
  `kind: Waiver\nmetadata: { name: legacy }\nspec: { rule: ${rule}, target: { app: shop/web, container: web }, reason: r, owner: platform, expires: ${expires} }\n`;
const writing = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  securityContext: { seccompProfile: { type: RuntimeDefault } }
  containers: [{ name: web, image: web, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, runAsUser: 0 } }]
`;
const rules = 'waivable: { rules: [TRY-SEC-012, TRY-SEC-027], atMost: 90d }';
const open = 'runAsUser: { rule: RunAsAny }, readOnlyRootFilesystem: false';

function tried(holding: string, trial: string, rule: string, expires = '2026-12-31'): FleetBuilder {
  return aFleet()
    .with('profiles/restricted.yaml', profile(holding, 'restricted'))
    .with('profiles/stricter.yaml', profile(trial, 'stricter'))
    .with(
      'tenants/shop.yaml',
      tenantText('').replace(
        'profile: restricted',
        'profile: restricted, trial: { profile: stricter, as: audit }',
      ),
    )
    .with('waivers/legacy.yaml', waiver(rule, expires))
    .with(web, writing);
}

async function securityOf(fleet: FleetBuilder): Promise<readonly string[]> {
  const { diagnostics } = await compiled(fleet);
  const codes = diagnostics.map(({ code }) => code).filter((code) => code.startsWith('TRY-SEC'));
  return [...new Set<string>(codes)].sort();
}

describe('a Waiver while a profile is tried', () => {
  it.each([
    ['both profiles let hold', `${open}, ${rules}`],
    ['only the one that is tried lets hold', open],
  ])('that %s is needed by it, and nothing that it lets in is told', async (_what, holding) => {
    const only = `runAsUser: { rule: RunAsAny }, ${rules}`;
    expect(await securityOf(tried(holding, only, 'TRY-SEC-027'))).toEqual([]);
    const without = tried(holding, only, 'TRY-SEC-027').without('waivers/legacy.yaml');
    expect(await securityOf(without)).toEqual(['TRY-SEC-047']);
  });

  it('opens nothing in the profile that holds when only the other lets it', async () => {
    const holding = 'readOnlyRootFilesystem: false';
    const fleet = () => tried(holding, `${holding}, ${rules}`, 'TRY-SEC-012');
    expect(await securityOf(fleet())).toEqual(['TRY-SEC-001', 'TRY-SEC-012']);
    const { value } = await compiled(
      fleet().with(web, writing.replace('runAsUser: 0', 'runAsNonRoot: true')),
    );
    const objects = value?.find(({ cluster }) => cluster === 'lab')?.manifests.map(({ object }) => object);
    const named = (kind: string, name: string) =>
      objects?.find((one) => one.kind === kind && one.metadata.name === name);
    expect(named('Namespace', 'shop-web')?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/enforce': 'restricted',
      'toryo.dev/guard': 'profile.restricted',
      'toryo.dev/trial': 'audit.namespace.shop-web',
    });
    expect(at(named('Guard', 'profile.restricted'), 'spec', 'waivers')).toEqual([]);
    expect(at(named('Guard', 'audit.namespace.shop-web'), 'spec', 'waivers', 0, 'name')).toBe('legacy');
  });

  it('that neither lets hold, or the other not for so long, is a mistake', async () => {
    expect(await securityOf(tried(open, '', 'TRY-SEC-027'))).toContain('TRY-SEC-050');
    expect(await securityOf(tried(open, rules, 'TRY-SEC-027', '2099-01-01'))).toContain('TRY-SEC-051');
  });
});
