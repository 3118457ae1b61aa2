import { afterAll, expect, it } from 'vitest';
import { aFleet, removeFleets, shown, tenantText } from '../../src/spec/testing/fleet.ts';
import { compiled } from './compiled.ts';

afterAll(removeFleets);

const profile = (name: string, fields: string): string =>
  `kind: SecurityProfile\nmetadata: { name: ${name} }\nspec: { ${fields} }\n`;

it.each([
  ['a stricter one, as audit', 'strict, as: audit', 'baseline', 'restricted'],
  ['a stricter one, as warn', 'strict, as: warn', 'restricted', 'restricted'],
  ['one that is as open, as audit', 'loose, as: audit', 'baseline', 'baseline'],
  ['one that is as open, as warn', 'loose, as: warn', 'baseline', 'baseline'],
])('a profile that is tried takes no warning away: %s', async (_what, trial, warn, audit) => {
  const fleet = aFleet()
    .with('profiles/open.yaml', profile('open', 'privileged: true'))
    .with('profiles/loose.yaml', profile('loose', 'privileged: true, readOnlyRootFilesystem: true'))
    .with('profiles/strict.yaml', profile('strict', ''))
    .with(
      'tenants/shop.yaml',
      tenantText('').replace('profile: restricted', `profile: open, trial: { profile: ${trial} }`),
    );
  const { value, diagnostics } = await compiled(fleet);
  expect(shown(diagnostics.filter((one) => one.severity === 'error'))).toEqual([]);
  const objects = value?.find(({ cluster }) => cluster === 'lab')?.manifests.map(({ object }) => object);
  const namespace = objects?.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'shop-web',
  );
  expect(namespace?.metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'privileged',
    'pod-security.kubernetes.io/warn': warn,
    'pod-security.kubernetes.io/audit': audit,
  });
});
